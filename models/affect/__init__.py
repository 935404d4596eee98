"""Facial affect by two small networks whose probabilities are averaged, or by a classifier of your own."""

from models.affect.bands import BANDS, LABELS, SYNONYMS, Valence, valence
from models.affect.model import AffectModel

__all__ = ["BANDS", "LABELS", "SYNONYMS", "AffectModel", "Valence", "valence"]
