"""Whether a face can be judged: numbers from crops that cannot tell would be wrong, not merely uncertain."""

from __future__ import annotations

from dataclasses import dataclass

from media.items import Unusable, Usable
from media.settings import UsabilitySettings


@dataclass(frozen=True, slots=True)
class FaceLook:
    """What the judgement goes by. `height`: of the face in pixels; `turn`: the larger of |yaw| and |pitch|,
    degrees; `outside`: share of the face beyond the picture; `eyes_hidden`: as behind dark glasses."""

    height: float
    brightness: float
    focus: float
    turn: float
    outside: float
    covered: float
    eyes_hidden: bool = False


def usability(look: FaceLook, limits: UsabilitySettings) -> Usable:
    """The first reason against each use. A mask spoils affect and identity; liveness is judged from texture,
    which a mask has too, so it is not asked either: its network was not made for it."""
    return Usable(
        affect=_reason(look, limits, limits.affect_height, limits.affect_turn),
        liveness=_reason(look, limits, limits.liveness_height, limits.liveness_turn),
        identity=_reason(look, limits, limits.identity_height, limits.identity_turn),
        eyes=_eyes(look, limits),
    )


def _reason(look: FaceLook, limits: UsabilitySettings, height: float, turn: float) -> Unusable | None:
    if look.height < height:
        return "too-small"
    if look.brightness < limits.dark:
        return "too-dark"
    if look.outside > limits.cut_off:
        return "cut-off"
    if look.focus < limits.focus:  # before the pose: of a blurred face no mesh fits, either
        return "blurred"
    if look.turn > turn:
        return "turned-away"
    if look.covered > limits.covered:
        return "covered"
    return None


def _eyes(look: FaceLook, limits: UsabilitySettings) -> Unusable | None:
    """A mask does not hide them, but the mesh of a masked face is a guess at where the lids are."""
    reason = _reason(look, limits, limits.eyes_height, limits.affect_turn)
    return reason or ("covered" if look.eyes_hidden else None)
