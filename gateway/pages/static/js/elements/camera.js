// <viva-camera>: the candidate's own picture, mirrored as in a mirror, with a frame for the face where wanted.
import { View, h } from "../dom.js";

customElements.define("viva-camera", class extends View {
  build() {
    this.video = h("video", { autoplay: true, playsinline: true, muted: true, label: "interview.self" });
    this.video.muted = true;
    this.append(this.video);
    if (this.hasAttribute("frame")) this.append(h("span", { class: "face-frame", "aria-hidden": "true" }));
    if (this.pending) this.show(this.pending);
  }

  /** @param {MediaStream} stream */
  show(stream) {
    this.pending = stream;
    if (!this.video) return;
    this.video.srcObject = stream;
    this.classList.toggle("empty", !stream.getVideoTracks().length);
  }

  /** "good", "adjust" or "unknown": the frame's own look, always beside words that say the same. */
  mark(state) {
    this.dataset.state = state;
  }
});
