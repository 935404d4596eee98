"""Whisper (Radford et al. 2022, arXiv:2212.04356) as a torch module of our own, for batches of utterances.

`recognizer` is the way in; the parts are `weights` (readers of the file formats), `audio` (log-mel features),
`network`, `tokens`, `decode` (greedy and beam search) and `words` (times of words).
"""

from models.whisper.recognizer import Transcript, Whisper
from models.whisper.tokens import Language
from models.whisper.words import Word

__all__ = ["Language", "Transcript", "Whisper", "Word"]
