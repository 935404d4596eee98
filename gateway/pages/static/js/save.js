// A file that the server makes, saved by the browser: a link could not carry the token.
import { request } from "./api.js";
import { h } from "./dom.js";

/** @param {RequestInit} options Raises Problem. */
export async function save(url, name, options) {
  const address = URL.createObjectURL(await (await request(url, options)).blob());
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
