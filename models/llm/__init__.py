"""A language model as rater of answers, beside the embedded one and behind the same interface."""
