// Opening the devices, and saying plainly why that is not possible.
import { constraints } from "./whip.js";

/** Why this page cannot use a camera at all: "insecure", "no-webrtc", or null. */
export function obstacle() {
  if (!window.isSecureContext) return "insecure";
  if (!window.RTCPeerConnection || !navigator.mediaDevices?.getUserMedia) return "no-webrtc";
  return null;
}

/** Why getUserMedia refused, by the names of the W3C specification. */
export function reason(error) {
  return {
    NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none",
    NotReadableError: "busy", AbortError: "busy",
  }[error.name] ?? "other";
}

/**
 * Camera and microphone; where one is missing the other alone.
 * @returns {{stream: MediaStream, audio: string, video: string}} "ok" or why not, for each
 * @throws {Error} with `.reason` where neither can be had
 */
export async function open(choice = {}) {
  const get = (only) => navigator.mediaDevices.getUserMedia(constraints({ ...choice, ...only }));
  try {
    return { stream: await get({}), audio: "ok", video: "ok" };
  } catch (error) {
    const why = reason(error);
    for (const kind of ["audio", "video"]) {
      const other = kind === "audio" ? "video" : "audio";
      try {
        return { stream: await get({ [other]: false }), [kind]: "ok", [other]: why };
      } catch {
        // Neither this one alone: the first reason stands.
      }
    }
    throw Object.assign(new Error(why), { reason: why });
  }
}

/** The devices to choose from, once permission is given and they have names. */
export async function devices() {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind) => all.filter((device) => device.kind === kind && device.deviceId);
  return { cameras: of("videoinput"), microphones: of("audioinput") };
}

/** Loudness of a stream in dB relative to full scale, read whenever asked. */
export class Loudness {
  constructor(stream) {
    this.context = new AudioContext();
    this.source = this.context.createMediaStreamSource(stream);
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 2048;
    this.source.connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
  }

  read() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, value) => sum + value * value, 0) / this.samples.length;
    return power > 1e-10 ? 10 * Math.log10(power) : -100;
  }

  close() {
    this.source.disconnect();
    this.context.close();
  }
}
