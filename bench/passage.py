"""What the default candidate says, and the question that it answers.

The recording reads the opening of Charles Dickens, *A Tale of Two Cities* (1859, public domain).
"""

from __future__ import annotations

from interviews.plan import Question

TEXT = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of "
    "foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of "
    "Light, it was the season of Darkness, it was the spring of hope, it was the winter of despair, we "
    "had everything before us, we had nothing before us, we were all going direct to Heaven, we were "
    "all going direct the other way – in short, the period was so far like the present period, that "
    "some of its noisiest authorities insisted on its being received, for good or for evil, in the "
    "superlative degree of comparison only."
)

QUESTION = Question(
    id="two-cities",
    text={
        "en": "What were the times like: what was good about that age, and what was bad?",
        "zh": "那是一个怎样的时代？好在哪里，坏在哪里？",
    },
    key_points=(
        "it was the best and the worst of times",
        "wisdom and foolishness, belief and incredulity",
        "hope and despair, everything and nothing before us",
    ),
)
