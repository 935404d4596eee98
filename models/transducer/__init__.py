"""A cache-aware streaming transducer (FastConformer encoder, RNN-T decoder), stepped for all slots at once.

`recognizer` is the way in; the parts are `checkpoint` (a Hugging Face folder), `features` (streaming
log-mel), `encoder` and `layer`, `decoder`, `graph` (CUDA graphs) and `text` (labels to text and word times).

Limits. No weights ship: `Transducer.load` reads those that a person has, of the class
`NemotronAsrStreamingForRNNT`, and nothing here was measured on speech. What is tested, with random weights,
is that features, encoder output, labels and frames equal those of transformers' own one-session path.
"""

from models.transducer.checkpoint import MODEL_TYPE
from models.transducer.recognizer import Transducer

__all__ = ["MODEL_TYPE", "Transducer"]
