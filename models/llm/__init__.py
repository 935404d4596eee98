"""A language model as rater of answers, beside the embedded one and behind the same interface."""

from models.llm.backend import Backend, BackendFailed
from models.llm.rater import RUBRIC, LlmRater, Sampling
from models.llm.scales import DimensionAsked

__all__ = ["RUBRIC", "Backend", "BackendFailed", "DimensionAsked", "LlmRater", "Sampling"]
