"""Measuring: models on labelled sets, candidates per core, end-to-end latency."""
