// <hr-banners>: what a person should know at once: lost connections, degraded analysis, somebody else in the room.
import { View, h, notice } from "../dom.js";
import { number, t } from "../i18n.js";
import { turn } from "./attention.js";

/** @returns {["info"|"warn", string, object][]} tone, message key and its values */
function banners(model, stream) {
  const list = [];
  const add = (tone, key, vars = {}) => list.push([tone, key, vars]);
  if (stream.state === "waiting") add("warn", "live.stream.waiting");
  if (stream.state === "closed" && stream.error) add("warn", "live.stream.closed", { text: stream.error.text });
  if (model.over) return list;
  const kept = model.recording?.reason;
  if (kept === "disk-full" || kept === "storage-failed") add("warn", `banner.recording.${kept}`);
  if (model.state === "disconnected") add("warn", "banner.disconnected");
  for (const deployment of model.gaps) add("warn", "banner.gap", { name: t(`deployment.${deployment}`) });
  if (model.slower) add("info", "banner.slower", { s: number(model.pace, 1) });
  if (model.state !== "live") return list;
  const { question, running } = model.conduct.clock;
  if (turn(question, running)) add("info", "banner.turn");
  if (model.sound === "silent") add("warn", "banner.silent");
  if (model.sound === "missing") add("warn", "banner.sound-missing");
  if (model.picture === "black") add("warn", "banner.black");
  if (model.picture === "missing") add("warn", "banner.picture-missing");
  else if (model.faces === 0) add("warn", "banner.no-face");
  else if (model.faces > 1 && model.sure === null) add("warn", "banner.several", { n: model.faces });
  else if (model.faces > 1) add("warn", "banner.several.sure", { n: model.faces, sure: number(model.sure, 2) });
  return list;
}

customElements.define("hr-banners", class extends View {
  update() {
    const list = banners(this.model, this.stream);
    const key = JSON.stringify([list, document.documentElement.lang]);
    if (key === this.shown) return;
    this.shown = key;
    this.replaceChildren(...list.map(([tone, message, vars]) => notice(tone, h("p", { t: message, vars }))));
  }
});
