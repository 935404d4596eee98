"""Keras' layers spelled out in numpy, one picture at a time: slow, plain, and independent of torch."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]


def pad_same(x: Array, size: int, stride: int, value: float = 0.0) -> Array:
    """TensorFlow's padding: what the strides leave over goes below and to the right."""
    pads = []
    for length in x.shape[:2]:
        total = max(0, (-(-length // stride) - 1) * stride + size - length)
        pads.append((total // 2, total - total // 2))
    return np.pad(x, (*pads, (0, 0)), constant_values=value)


def windows(x: Array, size: int, stride: int) -> Array:
    """height × width × channels × size × size"""
    return sliding_window_view(x, (size, size), axis=(0, 1))[::stride, ::stride]


def conv(x: Array, kernel: Array, stride: int = 1, same: bool = True) -> Array:
    x = pad_same(x, kernel.shape[0], stride) if same else x
    return np.einsum("hwcij,ijco->hwo", windows(x, kernel.shape[0], stride), kernel)


def separable(x: Array, depthwise: Array, pointwise: Array, stride: int = 1) -> Array:
    parts = windows(pad_same(x, 3, stride), 3, stride)
    return conv(np.einsum("hwcij,ijc->hwc", parts, depthwise[..., 0]), pointwise)


def max_pool(x: Array) -> Array:
    return windows(pad_same(x, 3, 2, -np.inf), 3, 2).max((3, 4))


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def softmax(x: Array) -> Array:
    weights = np.exp(x - x.max())
    return weights / weights.sum()
