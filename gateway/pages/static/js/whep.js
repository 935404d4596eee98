// WHEP viewer (draft-ietf-wish-whep): POST an offer that receives, trickle by PATCH, DELETE to leave. A way that is
// lost is opened anew. The viewer's own sound is offered but sent only while talk-back is open.
import { authorisation, request } from "./api.js";
import { fragment } from "./whip.js";

const LONGEST_WAIT = 8000;

/**
 * States told by the "state" event: connecting, watching, lost (tries again), closed. `sound: false` takes the picture
 * alone, and nobody can speak by it.
 */
export class WhepViewer extends EventTarget {
  constructor({ url, token, iceServers = [], sound = true }) {
    super();
    Object.assign(this, { url, token, iceServers, sound, state: "closed", problem: null, peer: null, stream: new MediaStream() });
  }

  #tell(state, problem = null) {
    if (state === this.state && problem === this.problem) return;
    Object.assign(this, { state, problem });
    this.dispatchEvent(new Event("state"));
  }

  get headers() {
    return authorisation(this.token);
  }

  start() {
    this.stopped = false;
    this.#tell("connecting");
    return this.#join(0);
  }

  async #join(attempt) {
    if (this.stopped) return;
    this.#drop();
    const peer = new RTCPeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    this.peer = peer;
    if (this.sound) this.voice = peer.addTransceiver("audio", { direction: "sendrecv" }).sender;
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.addEventListener("track", ({ track }) => {
      for (const old of this.stream.getTracks()) if (old.kind === track.kind) this.stream.removeTrack(old);
      this.stream.addTrack(track);
      this.dispatchEvent(new Event("stream"));
    });
    const found = { candidates: [], complete: false };
    peer.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.candidate) found.candidates.push(candidate.candidate);
      else if (!candidate) found.complete = true;
      this.#trickle(peer, found);
    });
    peer.addEventListener("connectionstatechange", () => this.#changed(peer));
    try {
      await peer.setLocalDescription(await peer.createOffer());
      const response = await request(this.url, {
        method: "POST", headers: { ...this.headers, "Content-Type": "application/sdp" }, body: peer.localDescription.sdp,
      });
      const resource = new URL(response.headers.get("Location"), location.href).href;
      if (this.peer !== peer) {
        this.#leave(resource);
        return;
      }
      Object.assign(this, { resource, etag: response.headers.get("ETag") });
      await peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
      this.#trickle(peer, found);
    } catch (problem) {
      if (this.peer === peer) this.#again(attempt, problem);
    }
  }

  async #trickle(peer, found) {
    if (peer !== this.peer || !this.resource || (!found.candidates.length && !found.complete)) return;
    const candidates = found.candidates.splice(0);
    const { complete } = found;
    found.complete = false;
    try {
      await request(this.resource, {
        method: "PATCH",
        headers: { ...this.headers, "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": this.etag },
        body: fragment(peer.localDescription.sdp, candidates, complete),
      });
    } catch {
      // One way fewer; the connection's own state tells whether that matters.
    }
  }

  #changed(peer) {
    if (peer !== this.peer || this.stopped) return;
    if (peer.connectionState === "connected") this.#tell("watching");
    else if (peer.connectionState === "failed") this.#again(0, null);
  }

  #again(attempt, problem) {
    if (this.stopped) return;
    this.#drop();
    this.#tell("lost", problem);
    if (problem && [401, 403, 404, 409].includes(problem.status)) return;
    const wait = Math.min(500 * 2 ** attempt, LONGEST_WAIT) * (0.75 + Math.random() / 2);
    this.timer = setTimeout(() => this.#join(attempt + 1), wait);
  }

  #drop() {
    clearTimeout(this.timer);
    this.peer?.close();
    Object.assign(this, { peer: null, voice: null, resource: null });
  }

  #leave(resource) {
    fetch(resource, { method: "DELETE", headers: this.headers, keepalive: true }).catch(() => {});
  }

  /** Sends this track to the candidate. @throws {Problem} when another interviewer speaks or nobody can hear */
  async talk(track) {
    await this.#talkback(true);
    await this.voice?.replaceTrack(track);
  }

  async hush() {
    await this.voice?.replaceTrack(null);
    await this.#talkback(false);
  }

  async #talkback(open) {
    if (!this.resource) return;
    await request(`${this.resource}/talkback`, {
      method: "POST", headers: { ...this.headers, "Content-Type": "application/json" }, body: JSON.stringify({ open }),
    });
  }

  close() {
    this.stopped = true;
    if (this.resource) this.#leave(this.resource);
    this.#drop();
    this.#tell("closed");
  }
}
