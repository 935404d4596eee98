"""Settings of the media room. Times are seconds, levels dB relative to full scale, shares 0–1."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class IceServer(BaseModel):
    """A STUN or TURN server for the server's own candidates (RFC 7064, RFC 7065)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


class EndpointingSettings(BaseModel):
    """When an utterance begins and ends. See `media.endpointing`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: float = Field(0.5, gt=0, lt=1, description="probability of speech that opens an utterance")
    off: float = Field(0.35, gt=0, lt=1, description="probability under which a chunk counts as silence")
    pre_roll_s: float = Field(0.4, ge=0, le=2, description="sound kept from before the first speech")
    post_roll_s: float = Field(0.3, ge=0, le=2, description="silence handed on after the last speech")
    min_speech_s: float = Field(0.2, gt=0, le=2)
    end_silence_s: float = Field(0.7, gt=0, le=5)
    turn_silence_s: float = Field(1.8, gt=0, le=30, description="silence after which a turn may be over")
    turn_sure_s: float = Field(3.5, gt=0, le=60, description="and after which it is, whatever the words say")
    max_s: float = Field(15.0, ge=4, le=28, description="no utterance is longer")
    easy_cut_after_s: float = Field(10.0, gt=0, description="then easy_cut_pause_s of silence ends it")
    easy_cut_pause_s: float = Field(0.3, gt=0)
    search_s: float = Field(2.0, gt=0, description="last part of max_s: the best pause is sought")
    piece_s: float = Field(0.16, ge=0.032, le=1, description="length of the pieces handed on")

    @model_validator(mode="after")
    def _in_order(self) -> EndpointingSettings:
        if self.off > self.on:
            raise ValueError("off must not be above on")
        if not self.end_silence_s <= self.turn_silence_s < self.turn_sure_s:
            raise ValueError("end_silence_s, turn_silence_s and turn_sure_s must rise in this order")
        if self.search_s >= self.max_s or self.easy_cut_after_s >= self.max_s:
            raise ValueError("search_s and easy_cut_after_s must be below max_s")
        return self


class FramingSettings(BaseModel):
    """What good framing is, as shares of the picture; `release` eases the limit of a fault that stands.

    A fault beyond its limit by `clear` (times) is clear-cut and told after `clear_hold_s`: the second picture
    that shows it. See `media.framing`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    count_hold_s: float = Field(0.5, ge=0, description="a new number of faces must hold for this long")
    hint_hold_s: float = Field(1.0, ge=0, description="a new hint must hold for this long")
    clear_hold_s: float = Field(0.05, ge=0, description="the same where the fault is clear-cut")
    stand_s: float = Field(1.0, ge=0, description="what was told stands for at least this long")
    clear: float = Field(1.3, ge=1, description="how far beyond its limit a fault is clear-cut")
    far_height: float = Field(0.18, description="face height under which `closer` is said")
    near_height: float = Field(0.72, description="face height above which `further` is said")
    cut_off: float = Field(0.14, description="share of the face beyond the picture's edge: `whole`")
    off_centre: float = Field(0.22, description="distance of the face from the centre, share of the width")
    dark: float = Field(0.2, description="mean brightness of the face under which `brighter` is said")
    backlight: float = Field(0.38, description="how much brighter the background is: `backlight`")
    backlit_face: float = Field(0.35, description="brightness of the face from which backlight does no harm")
    focus: float = Field(150.0, description="`models.faces.light.focus` under which `focus` is said")
    unsteady: float = Field(0.35, description="movement of the face per second, in face widths")
    release: float = Field(0.85, gt=0, le=1, description="a hint is taken back at this share of its limit")
    track_iou: float = Field(0.3, gt=0, lt=1)
    track_reach: float = Field(0.8, gt=0, description="a face may move so many widths between two looks")
    track_lost_s: float = Field(1.5, gt=0)
    cut_likeness: float = Field(0.4, description="correlation of two looks under which the scene was cut")


class UsabilitySettings(BaseModel):
    """What a face must be for its measures to say something; see `media.usability`. Heights are pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    affect_height: float = Field(48.0, description="less is enlarged more than twofold for the network")
    liveness_height: float = Field(64.0, description="print and screen show in texture, which needs pixels")
    identity_height: float = Field(56.0)
    eyes_height: float = Field(72.0, description="under it lids are one or two pixels apart")
    dark: float = Field(0.12, description="mean brightness of the face")
    focus: float = Field(80.0, description="`models.faces.light.focus`")
    affect_turn: float = Field(40.0, description="degrees of yaw or pitch")
    liveness_turn: float = Field(40.0)
    identity_turn: float = Field(35.0)
    cut_off: float = Field(0.2, description="share of the face beyond the picture's edge")
    covered: float = Field(0.17, description="`models.faces.light.covered`")


class MediaSettings(BaseModel):
    """Everything about receiving one candidate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ice_hosts: tuple[str, ...] = Field((), description="addresses; empty: all, and loopback")
    ice_servers: tuple[IceServer, ...] = Field((), description="used by the server itself; none by default")
    consent_interval_s: float = Field(1.0, gt=0, description="RFC 7675 consent checks")
    consent_failures: int = Field(4, ge=1)
    restart_s: float = Field(5.0, gt=0, description="an ICE restart not done by then is given up")
    restart_failures: int = Field(
        3, ge=0, description="consent checks beyond consent_failures that a publisher may miss"
    )
    connect_s: float = Field(20.0, gt=0, description="no media within this time: the connection is lost")
    watchdog_s: float = Field(5.0, gt=0, description="no packet for this time: the connection is lost")
    jitter_packets: int = Field(6, ge=1, le=50, description="how many sound packets wait for a missing one")
    jitter_wait_s: float = Field(0.07, gt=0, le=1, description="how long they wait at most")

    video_codecs: tuple[Literal["VP8", "H264"], ...] = ("VP8", "H264")
    start_kbps: int = Field(1200, gt=0)
    max_video_kbps: int = Field(1500, gt=0)
    max_audio_kbps: int = Field(64, gt=0)

    face_fps: float = Field(4.0, gt=0, le=30, description="faces measured and cut out, a second")
    look_fps: float = Field(8.0, gt=0, le=30, description="looks for faces, between the measured ones too")
    eyes_fps: float = Field(
        15.0, gt=0, le=30, description="looks while eyes are watched or a fault is checked"
    )
    identity_every_s: float = Field(10.0, gt=0, description="an identity crop of each face this often")
    sound_gather_s: float = Field(
        0.03, ge=0, le=0.5, description="sound packets wait so long at most to be decoded together"
    )
    picture_wait_s: float = Field(
        0.4, gt=0, description="how long a lost video packet is asked for and waited for"
    )
    picture_missing_s: float = Field(3.0, gt=0)
    black_luma: float = Field(0.08, ge=0, le=1, description="mean brightness under which a picture is black")
    black_hold_s: float = Field(1.0, ge=0)

    sound_missing_s: float = Field(3.0, gt=0)
    silent_dbfs: float = Field(-70.0, description="under this level there is no sound at all")
    silent_s: float = Field(5.0, gt=0, description="silence before the first sound that is told")
    silent_later_s: float = Field(20.0, gt=0, description="the same once the microphone was heard")
    clock_jump_s: float = Field(1.0, gt=0, description="sender clock and arrival may differ by this much")
    max_fill_s: float = Field(2.0, gt=0, description="longer holes are not filled but start a new stretch")

    link_interval_s: float = Field(2.0, gt=0)
    close_s: float = Field(0.8, gt=0, description="how long close() waits for the last sound to be analysed")

    endpointing: EndpointingSettings = EndpointingSettings()
    framing: FramingSettings = FramingSettings()
    usability: UsabilitySettings = UsabilitySettings()
