"""Colours shown on the candidate's screen, looked for in the light that their face throws back.

After face flashing (Tang et al. 2018, NDSS; arXiv:1801.01949): a face near the screen takes on its colour
within a frame or two, a recording does not, and it cannot know an order drawn by chance. What is compared are
log ratios of colour channels, face against background, so that exposure and white balance cancel. No answer
at all is `insufficient`, never a fail: in a bright room, or with a dim screen, a bona fide face shows
nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]
Series = NDArray[np.float64]
# Saturated and apart in both opponent channels; never two alike in a row, and no red flicker (WCAG 2.3.1
# allows three flashes a second, here there is one change in `step_s`).
PALETTE: tuple[Colour, ...] = (
    (1.0, 0.15, 0.15), (0.15, 1.0, 0.15), (0.15, 0.15, 1.0), (1.0, 1.0, 0.15), (0.15, 1.0, 1.0), (1.0, 0.15,
    1.0),
)  # fmt: skip
LAGS_S = (0.0, 0.7)  # screen, camera, encoder, network
SEARCH_S = (-1.5, 2.0)
MIN_SAMPLES = 24
RESPONSE = 0.004  # log ratio for full colour under which the light does not reach the face
CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class Flash:
    """`passed`: the face answers in time. `failed`: it answers, at a lag that no screen has.

    `correlation` -1..1 at `lag_s`; `response`: log ratio per full colour; `confidence`: share of other
    orders of the same colours that fit worse.
    """

    outcome: Literal["passed", "failed", "insufficient"]
    correlation: float
    lag_s: float
    response: float
    confidence: float
    reason: str = ""


def sequence(rng: random.Random, count: int = 10) -> tuple[Colour, ...]:
    """Colours by chance, none twice in a row."""
    shown: list[Colour] = []
    while len(shown) < count:
        colour = rng.choice(PALETTE)
        if not shown or colour != shown[-1]:
            shown.append(colour)
    return tuple(shown)


def judge(
    times: Series, face: Series, background: Series, shown: Sequence[Colour], start: float, step_s: float
) -> Flash:
    """`times` (n,) seconds; `face`, `background` (n, 3) mean linear-ish RGB 0..255 of cheeks and forehead,
    and of what is far from the face; the first of `shown` lit up at `start`, each for `step_s`.

    Raises `ValueError` when the shapes disagree.
    """
    if face.shape != (len(times), 3) or background.shape != face.shape:
        raise ValueError(
            f"want n x 3 colours for n times, got {face.shape}, {background.shape}, {len(times)}"
        )
    inside = (times >= start + SEARCH_S[0]) & (times <= start + len(shown) * step_s + SEARCH_S[1])
    lit = (times >= start) & (times <= start + len(shown) * step_s)
    if lit.sum() < max(MIN_SAMPLES, 2 * len(shown)):
        return Flash("insufficient", 0.0, 0.0, 0.0, 0.0, "too-few-samples")
    times, seen = times[inside], _opponent(face[inside]) - _opponent(background[inside])
    seen = _detrended(times, seen)
    lags = np.arange(SEARCH_S[0], SEARCH_S[1] + 1e-9, 0.05)
    fits = [_fit(times, seen, shown, start + lag, step_s) for lag in lags]
    best = int(np.argmax([fit[0] for fit in fits]))
    (correlation, response), lag = fits[best], float(lags[best])
    rng = np.random.default_rng(0)  # the orders to compare with; nothing secret hangs on them
    others = []
    for _ in range(200):
        order = [shown[i] for i in rng.permutation(len(shown))]
        others.append(max(_fit(times, seen, order, start + x, step_s)[0] for x in lags[::4]))
    confidence = float((correlation > np.asarray(others)).mean())
    # What moves in the face's colour, against what moves from one sample to the next.
    noise = float(np.abs(np.diff(seen, axis=0)).mean()) / np.sqrt(2)
    moving = float(seen.std())
    if confidence >= CONFIDENCE and response >= RESPONSE:
        if LAGS_S[0] - 0.05 <= lag <= LAGS_S[1]:
            return Flash("passed", correlation, lag, response, confidence)
        return Flash("failed", correlation, lag, response, confidence, "lag")
    if moving > 0.05 and moving > 2 * noise:
        # Clouds, a moving lamp or a cut do this too: no reason to fail anybody.
        return Flash("insufficient", correlation, lag, response, confidence, "other-colours")
    return Flash("insufficient", correlation, lag, response, confidence, "no-response")


def _opponent(rgb: Series) -> Series:
    """log R/G and log B/G, n × 2: free of exposure."""
    safe = np.log(np.maximum(rgb, 1.0))
    return np.stack([safe[:, 0] - safe[:, 1], safe[:, 2] - safe[:, 1]], axis=1)


def _detrended(times: Series, seen: Series) -> Series:
    """Without its straight line: clouds and a slow white balance."""
    basis = np.stack([np.ones_like(times), times - times.mean()], axis=1)
    return np.asarray(seen - basis @ np.linalg.lstsq(basis, seen, rcond=None)[0])


def _fit(
    times: Series, seen: Series, shown: Sequence[Colour], start: float, step_s: float
) -> tuple[float, float]:
    """Correlation over both channels, and the slope, of what was seen on what was shown from `start` on."""
    index = np.floor((times - start) / step_s).astype(int)
    colours = np.asarray(shown)
    linear = np.stack([colours[:, 0] - colours[:, 1], colours[:, 2] - colours[:, 1]], axis=1)
    dark = (index < 0) | (index >= len(shown))
    x = np.where(dark[:, None], 0.0, linear[index.clip(0, len(shown) - 1)])
    x = _detrended(times, x)
    scale = float(np.sqrt((x**2).sum() * (seen**2).sum()))
    if scale < 1e-12:
        return 0.0, 0.0
    product = float((x * seen).sum())
    return product / scale, product / max(float((x**2).sum()), 1e-12)
