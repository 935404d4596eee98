// WHIP publisher (RFC 9725): POST an offer, trickle candidates by PATCH, DELETE to end. When the way is lost ICE is
// restarted: the same streams go another way. Where that is refused or leads nowhere it publishes anew; the server
// takes the new connection for the same session.
import { request } from "./api.js";

const GIVE_UP_AFTER = 3_900_000; // longer than the server waits by default, even in a pause: what ends it says so
const UNSTEADY_MS = 1500; // "disconnected" often heals by itself; wait this long before another way is sought
const RESTART_MS = 6000; // a new way not found by then is given up; the server does so a second earlier
const OFFER_MS = 10_000; // an offer sent as the network went away may hang for minutes
const BACKOFF_MS = 4000; // at most between two attempts: no network tells that it carries again
const ASK_MS = 2500; // between two networks a request may hang; it is asked again
const LIMITS = ["none", "cpu", "bandwidth", "other"]; // qualityLimitationReason
const SETTLE_MS = 300; // a change of networks is told several times

const FIRST = { priority: "high", networkPriority: "high" }; // words before pictures, where there is not enough for both

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

/** The earlier answer with the ICE credentials and candidates of a restart's fragment. */
export function reroute(answer, fragment) {
  const lines = fragment.split(/\r?\n/);
  const fresh = (name) => lines.find((text) => text.startsWith(`a=${name}:`));
  const candidates = lines.filter((text) => /^a=(candidate:|end-of-candidates)/.test(text));
  const credentials = { "a=ice-ufrag": fresh("ice-ufrag"), "a=ice-pwd": fresh("ice-pwd") };
  if (!Object.values(credentials).every(Boolean)) throw new Error("the fragment names no credentials");
  const out = [];
  for (const text of answer.split(/\r?\n/).filter(Boolean)) {
    if (/^a=(candidate:|end-of-candidates)/.test(text)) continue;
    out.push(credentials[text.split(":", 1)[0]] ?? text);
    if (text.startsWith("a=ice-pwd:")) out.push(...candidates.splice(0)); // bundled: the first section's are all
  }
  return `${out.join("\r\n")}\r\n`;
}

function addVideo(peer, track, stream) {
  const plain = { maxFramerate: 15, maxBitrate: 1_200_000, priority: "low", networkPriority: "low" };
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
    this.#watchNetwork();
    return this.#publish(0);
  }

  /** The device says that it is on another network, seconds before the connection notices. */
  #watchNetwork() {
    this.network?.abort();
    this.network = new AbortController();
    const { signal } = this.network;
    const soon = () => {
      clearTimeout(this.settling);
      this.settling = setTimeout(() => {
        if (this.waiting) this.#publish(0);
        else if (["connected", "disconnected"].includes(this.peer?.connectionState)) this.#restart(this.peer);
      }, SETTLE_MS);
    };
    addEventListener("online", soon, { signal });
    const { connection } = navigator;
    let kind = connection?.type;
    // It also changes with every estimate of the bandwidth.
    connection?.addEventListener?.("change", () => {
      if (connection.type === kind) return;
      kind = connection.type;
      if (kind !== "none") soon();
    }, { signal });
  }

  async #publish(attempt) {
    if (this.stopped) return;
    this.#drop();
    const peer = new RTCPeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    this.peer = peer;
    const trickle = { queue: [], resource: null, complete: false, sending: false, restarting: false };
    this.trickle = trickle;
    peer.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.candidate) trickle.queue.push(candidate.candidate);
      else if (!candidate) trickle.complete = true;
      this.#trickle(peer, trickle);
    });
    peer.addEventListener("connectionstatechange", () => this.#changed(peer));
    for (const track of this.stream.getTracks()) {
      if (track.kind === "video") addVideo(peer, track, this.stream);
      // Both ways: an interviewer may speak to the candidate.
      else peer.addTransceiver(track, { direction: "sendrecv", streams: [this.stream], sendEncodings: [FIRST] });
    }
    peer.addEventListener("track", ({ track }) => this.#play(track));
    try {
      const { sdp } = await peer.createOffer();
      await peer.setLocalDescription({ type: "offer", sdp: withRepeatedSound(sdp) });
      const response = await request(this.url, {
        method: "POST",
        headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/sdp" },
        body: peer.localDescription.sdp,
        signal: AbortSignal.timeout(OFFER_MS),
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
    if (!trickle.resource || trickle.sending || trickle.restarting || (!trickle.queue.length && !trickle.complete)) return;
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
    const state = peer.connectionState;
    if (state === "connected") {
      clearTimeout(this.unsteady);
      this.#tell("connected");
    } else if (state === "disconnected" || state === "failed") {
      this.#lose();
      if (this.trickle.restarting || this.trickle.rerouted) return; // its own time runs
      clearTimeout(this.unsteady);
      this.unsteady = setTimeout(() => this.#restart(peer), state === "failed" ? 0 : UNSTEADY_MS);
    }
  }

  /** ICE restart (RFC 9725 section 4.3.2): connection, streams and keys stay. Where it fails all begins anew. */
  async #restart(peer) {
    const { trickle } = this;
    if (peer !== this.peer || this.stopped || trickle.restarting) return;
    if (!trickle.resource || peer.signalingState !== "stable" || peer.connectionState === "closed") {
      if (peer.connectionState !== "connected") this.#again(0, null);
      return;
    }
    clearTimeout(this.unsteady);
    clearTimeout(this.rerouting);
    trickle.restarting = true;
    const until = performance.now() + RESTART_MS;
    try {
      const response = await this.#askForRestart(peer, trickle, until);
      const answer = reroute(peer.currentRemoteDescription.sdp, await response.text());
      trickle.etag = response.headers.get("ETag");
      await peer.setRemoteDescription({ type: "answer", sdp: answer });
      trickle.rerouted = true;
      this.rerouting = setTimeout(() => {
        trickle.rerouted = false;
        if (peer === this.peer && !this.stopped && peer.connectionState !== "connected") this.#again(0, null);
      }, RESTART_MS);
    } catch {
      if (peer !== this.peer || this.stopped) return;
      if (peer.connectionState !== "connected") this.#again(0, null);
      else await peer.setLocalDescription({ type: "rollback" }).catch(() => {}); // the way there is goes on
      Object.assign(trickle, { queue: [], complete: false });
    } finally {
      trickle.restarting = false;
      this.#trickle(peer, trickle);
    }
  }

  /** Asks again while no network carries the question, with new credentials: the server may have heard the last. */
  async #askForRestart(peer, trickle, until) {
    for (;;) {
      Object.assign(trickle, { queue: [], complete: false }); // candidates of the earlier way
      peer.restartIce();
      await peer.setLocalDescription(await peer.createOffer());
      try {
        return await request(trickle.resource, {
          method: "PATCH",
          headers: {
            Authorization: `Bearer ${this.token}`, "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*",
          },
          body: fragment(peer.localDescription.sdp, [], false),
          signal: AbortSignal.timeout(ASK_MS),
        });
      } catch (problem) {
        if (problem.status !== 0 || peer !== this.peer || performance.now() > until) throw problem;
        await new Promise((done) => setTimeout(done, SETTLE_MS));
      }
    }
  }

  #lose() {
    if (this.state === "connected") this.lostAt = performance.now();
    this.#tell(this.state === "connecting" ? "connecting" : "reconnecting");
  }

  #again(attempt, problem) {
    const permanent = problem?.code === "session.ended" || [400, 401, 403, 404, 406, 410, 415, 422].includes(problem?.status);
    if (permanent || problem instanceof TypeError || performance.now() - this.lostAt > GIVE_UP_AFTER) {
      this.#drop();
      this.#tell("refused", problem);
      return;
    }
    this.problem = problem;
    this.#lose();
    const backoff = Math.min(500 * 2 ** attempt, BACKOFF_MS) * (0.75 + Math.random() / 2);
    // 409: the server has not yet noticed that the earlier connection is gone.
    const wait = problem?.retryAfter ? Math.min(problem.retryAfter * 1000, 15_000) : backoff;
    this.waiting = true;
    this.unsteady = setTimeout(() => this.#publish(attempt + 1), wait);
  }

  #drop() {
    this.waiting = false;
    clearTimeout(this.unsteady);
    clearTimeout(this.rerouting);
    this.peer?.close();
    this.peer = null;
    if (this.voice) this.voice.srcObject = null;
  }

  /** Publishes other devices: without a new connection, unless a kind comes that it was not made for. */
  async replace(stream) {
    this.stream = stream;
    if (this.state === "refused") return this.start();
    if (!this.peer || this.waiting) return null; // the next attempt takes them
    const senders = new Map(this.peer.getTransceivers().map(({ sender, receiver }) => [receiver.track.kind, sender]));
    const tracks = new Map(stream.getTracks().map((track) => [track.kind, track]));
    if ([...tracks.keys()].some((kind) => !senders.has(kind))) return this.#publish(0);
    return Promise.all([...senders].map(([kind, sender]) => sender.replaceTrack(tracks.get(kind) ?? null)));
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

  /** The link over the time since the last call, for the server: null where the browser does not say. */
  async sample() {
    const { peer } = this;
    const found = { rtt_ms: null, loss: null, jitter_ms: null, kbps: null, fps: null, limited: null };
    const now = { peer, at: performance.now(), bytes: 0, frames: 0 };
    const most = (name, value) => { if (Number.isFinite(value)) found[name] = Math.max(found[name] ?? 0, value); };
    for (const report of (await peer?.getStats())?.values() ?? []) {
      if (report.type === "remote-inbound-rtp") {
        most("rtt_ms", report.roundTripTime * 1000);
        most("jitter_ms", report.jitter * 1000);
        most("loss", Math.min(1, Math.max(0, report.fractionLost)));
      } else if (report.type === "candidate-pair" && report.nominated) most("rtt_ms", report.currentRoundTripTime * 1000);
      else if (report.type === "outbound-rtp") {
        now.bytes += report.bytesSent ?? 0;
        now.frames += report.framesEncoded ?? 0;
        if (LIMITS.includes(report.qualityLimitationReason)) found.limited = report.qualityLimitationReason;
      }
    }
    const before = this.sampled?.peer === peer ? this.sampled : null;
    this.sampled = now;
    if (!peer || !before || now.at <= before.at) return null;
    const seconds = (now.at - before.at) / 1000;
    found.kbps = Math.max(0, now.bytes - before.bytes) * 8 / 1000 / seconds;
    found.fps = Math.max(0, now.frames - before.frames) / seconds;
    return found;
  }

  /** Lets go of the connection and leaves the session as it is: the candidate may come back. */
  leave() {
    this.stopped = true;
    this.network?.abort();
    clearTimeout(this.settling);
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
