"""All liveness cues of one session as one account: each with its value, threshold, outcome and weight."""

from __future__ import annotations

from dataclasses import dataclass
from math import tanh

from gateway.presence_settings import PresenceSettings
from interviews.events import LivenessObserved
from interviews.presence import (
    ChallengeEnded,
    CueOutcome,
    DevicesNoted,
    FlashEnded,
    InjectionObserved,
    LivenessConcluded,
    WeighedCue,
)
from media.presentation import flash
from media.presentation.fusion import fuse

RATIOS = ("frames", "border", "stillness")
Concluding = LivenessObserved | ChallengeEnded | FlashEnded | InjectionObserved | DevicesNoted


@dataclass(frozen=True, slots=True)
class _Line:
    value: float | None
    threshold: float | None
    outcome: CueOutcome
    support: float | None
    detail: str = ""


UNKNOWN = _Line(None, None, "insufficient", None)


class Account:
    """`take` what was observed; `conclusion` is the account of it all so far."""

    def __init__(self, settings: PresenceSettings) -> None:
        self._settings = settings
        self._lines: dict[str, _Line] = {}
        self._passed = False

    @property
    def known(self) -> bool:
        """Whether anything was observed."""
        return bool(self._lines)

    def take(self, observed: Concluding) -> bool:
        """Whether a cue's outcome changed, so that the account is worth telling."""
        before = {name: line.outcome for name, line in self._lines.items()}
        match observed:
            case LivenessObserved(ratios=ratios):
                for name in RATIOS:
                    # A face exchanged for another starts anew: what was known of the first is no more.
                    self._lines[name] = _ratio(ratios[name]) if name in ratios else UNKNOWN
            case ChallengeEnded():
                if not self._passed:
                    self._lines["challenge"] = _challenge(observed)
                self._passed = self._passed or observed.outcome == "passed"
            case FlashEnded():
                self._lines["flash"] = _flash(observed)
            case InjectionObserved():
                support = {"suspicious": -1.0, "clear": self._settings.clear_support, "insufficient": None}
                self._lines[observed.cue] = _Line(
                    observed.value, observed.threshold, observed.outcome, support[observed.outcome],
                    observed.detail,
                )  # fmt: skip
            case DevicesNoted(camera=camera, virtual_camera=virtual):
                value = None if virtual is None else float(virtual)
                outcome: CueOutcome = (
                    "insufficient" if virtual is None else "suspicious" if virtual else "clear"
                )
                self._lines["virtual-camera"] = _Line(value, 1.0, outcome, None, camera or "")
        return before != {name: line.outcome for name, line in self._lines.items()}

    def conclusion(self) -> LivenessConcluded:
        weights = self._settings.weights
        known = {name: line.support for name, line in self._lines.items() if name in weights}
        fused = fuse(known, weights)
        names = [*weights, *(name for name in self._lines if name not in weights)]
        return LivenessConcluded(
            score=round(fused.score, 3),
            certainty=round(fused.certainty, 3),
            cues=tuple(
                _weighed(name, self._lines.get(name, UNKNOWN), weights.get(name, 0.0)) for name in names
            ),
        )


def _weighed(name: str, line: _Line, weight: float) -> WeighedCue:
    return WeighedCue(
        name=name,
        value=None if line.value is None else round(line.value, 4),
        threshold=line.threshold,
        outcome=line.outcome,
        weight=weight,
        support=None if line.support is None else round(line.support, 3),
        detail=line.detail,
    )


def _ratio(ratio: float) -> _Line:
    """Of a log-likelihood ratio (bona fide over attack): tanh(r/2) is P(bona fide) - P(attack), even odds."""
    return _Line(ratio, 0.0, "clear" if ratio >= 0 else "suspicious", tanh(ratio / 2))


def _challenge(ended: ChallengeEnded) -> _Line:
    """Nothing in time says little: a person may not be able to do, see or understand it."""
    done = ended.steps_done / ended.steps
    if ended.outcome == "passed":
        return _Line(1.0, 1.0, "clear", 1.0)
    if ended.outcome == "failed":
        return _Line(done, 1.0, "suspicious", -1.0, ended.reason)
    return _Line(done, 1.0, "insufficient", None, ended.reason)


def _flash(ended: FlashEnded) -> _Line:
    if ended.outcome == "passed":
        return _Line(ended.confidence, flash.CONFIDENCE, "clear", 1.0)
    if ended.outcome == "failed":
        return _Line(ended.confidence, flash.CONFIDENCE, "suspicious", -1.0, ended.reason)
    value = None if ended.outcome == "declined" else ended.confidence
    return _Line(value, flash.CONFIDENCE, "insufficient", None, ended.reason or ended.outcome)
