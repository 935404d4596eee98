// WHIP publisher (RFC 9725): POST an offer, trickle candidates by PATCH, DELETE to end. When the way is lost it
// publishes anew; the server takes the new connection for the same session.
import { request } from "./api.js";

const GIVE_UP_AFTER = 300_000; // the server's grace time is shorter; past this only a person can help
const UNSTEADY_MS = 4000; // "disconnected" often heals by itself; wait this long before starting over

/** Camera and microphone as the server wants them. Audio processing is the browser's, unless fidelity is asked for. */
export function constraints({ fidelity = false, camera = null, microphone = null, video = true, audio = true } = {}) {
  const processing = !fidelity;
  return {
    audio: audio && {
      echoCancellation: processing, noiseSuppression: processing, autoGainControl: processing, channelCount: 1,
      ...(microphone && { deviceId: { exact: microphone } }),
    },
    video: video && {
      width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 30 }, facingMode: "user",
      ...(camera && { deviceId: { exact: camera } }),
    },
  };
}

/** Candidate lines as an SDP fragment (RFC 8840). */
export function fragment(description, candidates, complete) {
  const line = (pattern) => description.match(pattern)?.[0];
  const head = [line(/^a=ice-ufrag:.*$/m), line(/^a=ice-pwd:.*$/m)].filter(Boolean);
  const media = description.match(/^m=.*$/m)?.[0] ?? "m=audio 9 UDP/TLS/RTP/SAVPF 0";
  const mid = description.match(/^a=mid:(.*)$/m)?.[1]?.trim() ?? "0";
  const lines = [...head.map((text) => text.trim()), media.trim(), `a=mid:${mid}`, ...candidates.map((text) => `a=${text}`)];
  if (complete) lines.push("a=end-of-candidates");
  return `${lines.join("\r\n")}\r\n`;
}

function addVideo(peer, track, stream) {
  const plain = { maxFramerate: 15, maxBitrate: 1_200_000 };
  const init = (encoding) => ({ direction: "sendonly", streams: [stream], sendEncodings: [encoding] });
  const codecs = RTCRtpSender.getCapabilities?.("video")?.codecs ?? [];
  const vp8 = codecs.filter((codec) => codec.mimeType.toLowerCase() === "video/vp8");
  let transceiver;
  try {
    // Temporal layers let the server decode every fourth picture alone.
    transceiver = peer.addTransceiver(track, init(vp8.length ? { ...plain, scalabilityMode: "L1T3" } : plain));
  } catch {
    transceiver = peer.addTransceiver(track, init(plain));
  }
  if (vp8.length && transceiver.setCodecPreferences) {
    transceiver.setCodecPreferences([...vp8, ...codecs.filter((codec) => !vp8.includes(codec))]);
  }
}

/** Chromium repeats lost sound when both sides say so, but does not offer it by itself. */
function withRepeatedSound(sdp) {
  return sdp.replace(/a=rtpmap:(\d+) opus\/48000\/2\r\n(?![^]*a=rtcp-fb:\1 nack\r\n)/i, "$&a=rtcp-fb:$1 nack\r\n");
}

/** States told by the "state" event: connecting, connected, reconnecting, refused (with `problem`), closed. */
export class WhipPublisher extends EventTarget {
  constructor({ url, token, stream, iceServers = [] }) {
    super();
    Object.assign(this, { url, token, stream, iceServers, state: "closed", problem: null, peer: null });
  }

  #tell(state, problem = null) {
    if (state === this.state && !problem) return;
    Object.assign(this, { state, problem });
    this.dispatchEvent(new Event("state"));
  }

  start() {
    this.stopped = false;
    this.lostAt = performance.now();
    this.#tell("connecting");
    return this.#publish(0);
  }

  async #publish(attempt) {
    if (this.stopped) return;
    this.#drop();
    const peer = new RTCPeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    this.peer = peer;
    const trickle = { queue: [], resource: null, complete: false, sending: false };
    peer.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.candidate) trickle.queue.push(candidate.candidate);
      else if (!candidate) trickle.complete = true;
      this.#trickle(peer, trickle);
    });
    peer.addEventListener("connectionstatechange", () => this.#changed(peer));
    for (const track of this.stream.getTracks()) {
      if (track.kind === "video") addVideo(peer, track, this.stream);
      // Both ways: an interviewer may speak to the candidate.
      else peer.addTransceiver(track, { direction: "sendrecv", streams: [this.stream] });
    }
    peer.addEventListener("track", ({ track }) => this.#play(track));
    try {
      const { sdp } = await peer.createOffer();
      await peer.setLocalDescription({ type: "offer", sdp: withRepeatedSound(sdp) });
      const response = await request(this.url, {
        method: "POST",
        headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/sdp" },
        body: peer.localDescription.sdp,
      });
      trickle.resource = new URL(response.headers.get("Location"), location.href).href;
      trickle.etag = response.headers.get("ETag");
      if (this.peer !== peer) return;
      this.resource = trickle.resource;
      await peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
      this.#trickle(peer, trickle);
    } catch (problem) {
      if (this.peer === peer) this.#again(attempt, problem);
    }
  }

  /** What the interviewer says; silence until they open their microphone. */
  #play(track) {
    if (track.kind !== "audio") return;
    this.voice ??= Object.assign(new Audio(), { autoplay: true });
    this.voice.srcObject = new MediaStream([track]);
  }

  async #trickle(peer, trickle) {
    if (!trickle.resource || trickle.sending || (!trickle.queue.length && !trickle.complete)) return;
    trickle.sending = true;
    const candidates = trickle.queue.splice(0);
    const { complete } = trickle;
    trickle.complete = false;
    try {
      await request(trickle.resource, {
        method: "PATCH",
        headers: {
          Authorization: `Bearer ${this.token}`, "Content-Type": "application/trickle-ice-sdpfrag",
          ...(trickle.etag && { "If-Match": trickle.etag }),
        },
        body: fragment(peer.localDescription.sdp, candidates, complete),
      });
    } catch {
      // A candidate that does not arrive is one way fewer; the connection's own state tells whether that matters.
    }
    trickle.sending = false;
    if (trickle.queue.length || trickle.complete) this.#trickle(peer, trickle);
  }

  #changed(peer) {
    if (peer !== this.peer || this.stopped) return;
    clearTimeout(this.unsteady);
    const state = peer.connectionState;
    if (state === "connected") {
      this.#tell("connected");
      return;
    }
    if (state === "disconnected") {
      this.#lose();
      this.unsteady = setTimeout(() => this.#publish(0), UNSTEADY_MS);
    } else if (state === "failed") {
      this.#lose();
      this.#again(0, null);
    }
  }

  #lose() {
    if (this.state === "connected") this.lostAt = performance.now();
    this.#tell(this.state === "connecting" ? "connecting" : "reconnecting");
  }

  #again(attempt, problem) {
    const permanent = problem && [400, 401, 403, 404, 406, 410, 415, 422].includes(problem.status);
    if (permanent || problem instanceof TypeError || performance.now() - this.lostAt > GIVE_UP_AFTER) {
      this.#drop();
      this.#tell("refused", problem);
      return;
    }
    this.problem = problem;
    this.#lose();
    const backoff = Math.min(500 * 2 ** attempt, 8000) * (0.75 + Math.random() / 2);
    // 409: the server has not yet noticed that the earlier connection is gone.
    const wait = problem?.retryAfter ? Math.min(problem.retryAfter * 1000, 15_000) : backoff;
    this.unsteady = setTimeout(() => this.#publish(attempt + 1), wait);
  }

  #drop() {
    clearTimeout(this.unsteady);
    this.peer?.close();
    this.peer = null;
    if (this.voice) this.voice.srcObject = null;
  }

  /** Publishes other devices without a new connection. */
  async replace(stream) {
    this.stream = stream;
    for (const sender of this.peer?.getSenders() ?? []) {
      const track = stream.getTracks().find(({ kind }) => kind === sender.track?.kind);
      if (track) await sender.replaceTrack(track);
    }
  }

  /** Round trip (ms) and share of packets lost, as the sender knows them; null where not known yet. */
  async quality() {
    const found = { rtt: null, loss: null };
    for (const report of (await this.peer?.getStats())?.values() ?? []) {
      if (report.type === "candidate-pair" && report.nominated && report.currentRoundTripTime !== undefined) {
        found.rtt = report.currentRoundTripTime * 1000;
      }
      if (report.type === "remote-inbound-rtp") found.loss = Math.max(found.loss ?? 0, report.fractionLost ?? 0);
    }
    return found;
  }

  /** Lets go of the connection and leaves the session as it is: the candidate may come back. */
  leave() {
    this.stopped = true;
    this.#drop();
    this.#tell("closed");
  }

  /** Ends the session at the server (DELETE) and closes. */
  async end() {
    this.stopped = true;
    try {
      if (this.resource) {
        await request(this.resource, { method: "DELETE", headers: { Authorization: `Bearer ${this.token}` } });
      }
    } finally {
      this.leave();
    }
  }
}
