"""Presentation attack detection in the vocabulary of ISO/IEC 30107-3: pure building blocks, no I/O."""
