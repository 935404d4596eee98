"""The models themselves: one module per model, and the table of the weights they read.

Importing this package loads no framework: each module imports torch, onnxruntime or LiteRT for itself,
so that a gateway process never pays for a framework it does not use.
"""
