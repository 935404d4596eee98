// Reading aloud: the file that the server made, else the browser's own voice in that language, else nothing.
import { authorisation, request } from "../api.js";

const VOICES_MS = 800; // voices come after the page, where there are any

/** A voice on this device: what is asked need not travel to whoever made the browser. */
async function voiceFor(language) {
  if (!window.speechSynthesis) return null;
  const found = () => speechSynthesis.getVoices().find(({ lang, localService }) => localService && lang.toLowerCase().startsWith(language));
  if (!found()) {
    await new Promise((resolve) => {
      speechSynthesis.addEventListener("voiceschanged", resolve, { once: true });
      setTimeout(resolve, VOICES_MS);
    });
  }
  return found() ?? null;
}

export class Reader {
  /** `session`: whose guidance and questions are read. */
  constructor(session) {
    this.session = session;
    this.turn = 0; // whoever asks later is read, whoever asked before falls silent
  }

  /**
   * @param {{speech?: string, text: string, language: string}} what `speech`: its path below the session, where the server may have it
   * @returns {Promise<boolean>} once it is over: false where nothing here can read it
   */
  async read({ speech, text, language }) {
    this.stop();
    const turn = this.turn;
    const file = speech ? await this.#file(speech, language) : null;
    if (turn !== this.turn) return true;
    if (file && await this.#play(file, turn)) return true;
    if (turn !== this.turn) return true;
    return this.#speak(text, language, turn);
  }

  stop() {
    this.turn += 1;
    this.audio?.pause();
    this.over?.(true);
    if (window.speechSynthesis) speechSynthesis.cancel();
  }

  async #file(speech, language) {
    const format = new Audio().canPlayType("audio/ogg; codecs=opus") ? "ogg" : "mp4";
    const { id, token } = this.session;
    try {
      const answer = await request(`/api/v1/sessions/${id}/${speech}?language=${language}&format=${format}`,
        { headers: authorisation(token), cache: "default" });
      return await answer.blob();
    } catch {
      return null; // none, or not yet: the candidate's time runs, so the browser reads it
    }
  }

  /** False where it cannot be played: no decoder, or the browser wants a press first. */
  async #play(file, turn) {
    const address = URL.createObjectURL(file);
    const audio = new Audio(address);
    this.audio = audio;
    try {
      return await new Promise((resolve) => {
        this.over = resolve;
        audio.addEventListener("ended", () => resolve(true), { once: true });
        audio.addEventListener("error", () => resolve(false), { once: true });
        audio.play().catch(() => resolve(turn !== this.turn));
      });
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  async #speak(text, language, turn) {
    const voice = await voiceFor(language);
    if (turn !== this.turn) return true;
    if (!voice) return false;
    const words = Object.assign(new SpeechSynthesisUtterance(text), { voice, lang: voice.lang });
    return new Promise((resolve) => {
      this.over = resolve;
      words.addEventListener("end", () => resolve(true), { once: true });
      words.addEventListener("error", () => resolve(turn !== this.turn), { once: true });
      speechSynthesis.speak(words);
    });
  }
}
