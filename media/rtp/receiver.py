"""All RTP streams of one peer: packets in, encoded frames and feedback out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from media.encoded import FrameSink
from media.items import Kind
from media.rtp import feedback
from media.rtp.lanes import Format, Lane, PictureLane, SoundLane
from media.rtp.packet import parse
from media.rtp.statistics import Reception
from media.settings import MediaSettings

SILENT_S = 2.0  # a stream that is silent for so long gives way to another of its kind
REPORT_S = 1.0
KEY_FRAME_S = 0.5  # a request may be lost, and a key frame takes a moment to make
LOSSY, CLEAN = 0.1, 0.02  # shares of lost packets between which the rate stays as it is
SLOWER, FASTER, LEAST = 0.85, 1.08, 0.1  # steps of the rate per report, and its least share


class RtpReceiver:
    """`send` takes RTCP, to be protected and sent. Times are seconds of one monotonic clock.

    Sound that is repeated comes in its own stream, so it counts as received; a repaired picture does not.
    One stream of each kind is taken; another takes its place once it has been silent for two seconds. While
    packets are lost, pictures are told to take less, so that sound goes on.
    """

    def __init__(
        self,
        formats: Mapping[int, Format],
        sinks: Mapping[Kind, FrameSink],
        settings: MediaSettings,
        send: Callable[[bytes], None],
        own_ssrc: int,
    ) -> None:
        self._formats = dict(formats)
        self._send, self._own = send, own_ssrc
        self._receptions: dict[int, Reception] = {}
        self._kinds: dict[int, Kind] = {}  # of the streams that are no retransmissions
        self._lanes: dict[Kind, Lane] = {}
        self._pictures: PictureLane | None = None
        self._sound: SoundLane | None = None
        if "audio" in sinks:
            self._sound = self._lanes["audio"] = SoundLane(settings, sinks["audio"])
        if "video" in sinks:
            self._pictures = PictureLane(settings, sinks["video"], self.request_key_frame)
            self._lanes["video"] = self._pictures
        self._most_bps = self._bps = 1000 * settings.max_video_kbps
        self._report_at = 0.0
        self._key_wanted = False
        self._key_asked = float("-inf")
        self.bytes_received = 0
        self.loss: dict[Kind, float] = {}  # lost in the last second; of pictures before repair

    def rtp(self, data: bytes, now: float) -> None:
        """One packet, decrypted."""
        self.bytes_received += len(data)
        header = parse(data)
        if header is None or (fmt := self._formats.get(header.payload_type)) is None:
            return
        lane = self._lanes.get(fmt.kind)
        if lane is None:
            return
        payload = data[header.begin : header.end]
        if fmt.repairs is None:
            if header.ssrc != lane.ssrc and not self._take_over(lane, header.ssrc, now):
                return
            self._kinds[header.ssrc] = fmt.kind
            lane.heard_at = now
            self._count(header.ssrc, fmt.clock_rate, header.sequence, header.timestamp, now)
        else:
            original = self._formats.get(fmt.repairs)
            if original is None or lane.ssrc is None or len(payload) < 2:
                return
            header = header._replace(sequence=payload[0] << 8 | payload[1], ssrc=lane.ssrc)
            fmt, payload = original, payload[2:]
        lane.add(header, fmt, payload, now)

    def sender_report(self, ssrc: int, ntp: int, now: float) -> None:
        """`ntp`: the report's 64-bit time."""
        if (stream := self._receptions.get(ssrc)) is not None:
            stream.sender_report(ntp, now)

    def speaks(self, ssrc: int) -> Kind | None:
        """Of which kind this stream is."""
        return self._kinds.get(ssrc)

    def request_key_frame(self) -> None:
        """Asked for at the next tick, not more often than every half second."""
        self._key_wanted = True

    @property
    def urgent(self) -> bool:
        """Whether `tick` should be called soon: a packet is missing, or a key frame is wanted."""
        for lane in self._lanes.values():  # asked of every packet: a generator would cost as much again
            if lane.missing:
                return True
        return self._key_wanted

    def tick(self, now: float) -> float:
        """Does what is due; seconds until the next call."""
        wait = REPORT_S
        if (sound := self._sound) is not None:
            sound.wait(now)
            if sound.ssrc is not None and (missing := sound.missing):
                if lost := missing.to_ask(now):
                    self._send(feedback.nack(self._own, sound.ssrc, lost))
                if (again_s := missing.next_s(now)) is not None:
                    wait = again_s
        lane = self._pictures
        if lane is not None and lane.buffer is not None and lane.ssrc is not None:
            lane.buffer.wait(now)
            if due := lane.buffer.missing.to_ask(now):
                self._send(feedback.nack(self._own, lane.ssrc, due))
            if (due_s := lane.buffer.missing.next_s(now)) is not None:
                wait = min(wait, due_s)
            if lane.buffer.waits_for_key or self._key_wanted:
                if now - self._key_asked >= KEY_FRAME_S:
                    self._key_asked, self._key_wanted = now, False
                    self._send(feedback.picture_loss(self._own, lane.ssrc))
                wait = min(wait, KEY_FRAME_S)
        if now >= self._report_at:
            self._report_at = now + REPORT_S
            self._report(now)
        return max(0.005, min(wait, self._report_at - now))

    def totals(self, kind: Kind) -> tuple[int, int, float]:
        """Packets received and expected since the start, retransmissions left out; jitter in seconds."""
        streams = [self._receptions[ssrc] for ssrc, of in self._kinds.items() if of == kind]
        if not streams:
            return 0, 0, 0.0
        return (
            sum(stream.received for stream in streams),
            sum(stream.expected for stream in streams),
            max(stream.jitter / stream.clock_rate for stream in streams),
        )

    def end(self) -> None:
        """No packet will come any more."""
        for lane in self._lanes.values():
            lane.end()

    def _count(self, ssrc: int, clock_rate: int, sequence: int, timestamp: int, now: float) -> None:
        stream = self._receptions.get(ssrc)
        if stream is None:
            stream = self._receptions[ssrc] = Reception(clock_rate)
        stream.add(sequence, timestamp, now)

    def _take_over(self, lane: Lane, ssrc: int, now: float) -> bool:
        if lane.ssrc is not None and now - lane.heard_at < SILENT_S:
            return False
        lane.begin(ssrc)
        return True

    def _report(self, now: float) -> None:
        blocks = []
        for ssrc, stream in list(self._receptions.items())[-31:]:
            fraction = stream.fraction_lost()
            blocks.append((ssrc, stream, fraction))
            for kind, lane in self._lanes.items():
                if lane.ssrc == ssrc:
                    self.loss[kind] = fraction
        if not blocks:
            return
        self._send(feedback.receiver_report(self._own, blocks, now))
        if self._pictures is not None and self._pictures.ssrc is not None:
            worst = max(self.loss.values(), default=0.0)
            if worst > LOSSY:
                self._bps = max(int(self._bps * SLOWER), int(self._most_bps * LEAST))
            elif worst < CLEAN:
                self._bps = min(int(self._bps * FASTER), self._most_bps)
            self._send(feedback.bitrate(self._own, [self._pictures.ssrc], self._bps))
