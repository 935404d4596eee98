"""Prometheus metrics of one server. Each server has a registry of its own, so several fit in one process."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.sessions = Gauge(
            "viva_sessions", "Sessions this process serves, by state", ["state"], registry=r
        )
        self.created = Counter("viva_sessions_created", "Sessions created", registry=r)
        self.refused = Counter("viva_refused", "Requests refused, by error code", ["code"], registry=r)
        self.events = Counter("viva_events", "Events shown, by type", ["type"], registry=r)
        self.requests = Histogram(
            "viva_request_seconds", "Time to answer a request", ["operation", "status"], registry=r
        )
        self.loop_lag = Histogram(
            "viva_loop_lag_seconds",
            "How late the event loop runs",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2),
            registry=r,
        )
        self.inference = Histogram(
            "viva_inference_seconds",
            "Time a call to a deployment takes, as the session sees it",
            ["deployment"],
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
            registry=r,
        )
        self.captions = Histogram(
            "viva_caption_seconds",
            "From the end of an utterance to its final text",
            buckets=(0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 10, 30),
            registry=r,
        )
        self.caption_interval = Gauge("viva_caption_interval_seconds", "Between two partials", registry=r)
        self.sound_lost = Counter("viva_sound_lost_seconds", "Sound that never arrived", registry=r)
        self.link_loss = Histogram(
            "viva_link_loss",
            "Share of packets lost in an interval, as either side sees it",
            ["side"],
            buckets=(0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
            registry=r,
        )
        self.link_rtt, self.link_jitter = (
            Histogram(
                f"viva_link_{name}_seconds",
                f"{about}, as either side sees it",
                ["side"],
                buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2),
                registry=r,
            )
            for name, about in (("rtt", "Round trip"), ("jitter", "Jitter (RFC 3550)"))
        )
        self.dropped = Counter("viva_dropped", "Work dropped on purpose, by kind", ["kind"], registry=r)
        self.waiting = Gauge(
            "viva_waiting", "What waits in the queues of all sessions, by queue", ["queue"], registry=r
        )
        self.tasks = Gauge("viva_tasks", "Tasks of the event loop", registry=r)
        self.recordings = Gauge("viva_recordings", "Sessions with consent, by state", ["state"], registry=r)
        self.recorded_bytes = Counter("viva_recorded_bytes", "Bytes of segments kept", registry=r)
        self.recorded_segments = Counter("viva_recorded_segments", "Segments kept", registry=r)
        self.recording_stops = Counter(
            "viva_recording_stops", "Recordings that stopped, by reason", ["reason"], registry=r
        )
        self.viewers = Gauge("viva_viewers", "Who watches live, in all sessions", registry=r)
        self.forwarded = Counter("viva_forwarded_frames", "Frames sent to viewers", registry=r)
        self.forward_dropped = Counter(
            "viva_forward_dropped_frames", "Frames not sent to viewers, by reason", ["reason"], registry=r
        )
        self.key_frames_asked = Counter(
            "viva_key_frame_requests", "Key frames asked of candidates for viewers", registry=r
        )
        self.gateway = Gauge(
            "viva_gateway", "1: the gateway whose metrics these are", ["gateway"], registry=r
        )
        self.gateways = Gauge("viva_gateways", "Living gateways on this database", registry=r)
        self.proxied = Counter("viva_proxied", "Requests passed on to another gateway", registry=r)
        self.takeovers = Counter("viva_takeovers", "Sessions taken over from a dead gateway", registry=r)
        self.fenced = Counter("viva_fenced", "Sessions found to be another gateway's by now", registry=r)
        self.deployment_ready = Gauge(
            "viva_deployment_ready", "1 when the deployment answers", ["deployment"], registry=r
        )

    def link(self, side: str, loss: float | None, rtt_ms: float | None, jitter_ms: float | None) -> None:
        """One interval of a candidate's link; None: not known."""
        if loss is not None:
            self.link_loss.labels(side).observe(loss)
        if rtt_ms is not None:
            self.link_rtt.labels(side).observe(rtt_ms / 1000)
        if jitter_ms is not None:
            self.link_jitter.labels(side).observe(jitter_ms / 1000)

    def text(self) -> bytes:
        return generate_latest(self.registry)

    def by_label(self, sample: str, label: str) -> dict[str, int]:
        """Values of one counter by one of its labels."""
        found = (s for metric in self.registry.collect() for s in metric.samples if s.name == sample)
        return {s.labels[label]: int(s.value) for s in found}

    def total(self, sample: str) -> float:
        return self.registry.get_sample_value(sample) or 0.0
