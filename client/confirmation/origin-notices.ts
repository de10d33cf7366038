import { element, paragraphs } from "../page/dom.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { text } from "../page/text.ts";
import type { OriginNotice } from "./origin.ts";
import { originNotices } from "./origin.ts";
import { decodeHost } from "./punycode.ts";

const noticeKeys: Record<OriginNotice, TextKey> = {
  loopback: "notice.loopback",
  extension: "notice.extension",
  address: "notice.address",
  punycode: "notice.lookalike",
  port: "notice.port",
};

/** What a person should know about this origin before trusting it. */
export function originWarnings(origin: string): Sentence[] {
  const decoded = originNotices(origin).includes("punycode") ? decodedHostElement(new URL(origin).hostname) : "";
  return originNotices(origin).map((notice) => text(noticeKeys[notice], { decoded }));
}

/** One box for all that there is to say, so that it pushes little out of view. */
export function noticeElements(sentences: Sentence[], className = "notice"): HTMLElement[] {
  return sentences.length === 0 ? [] : [element("div", { className }, ...paragraphs(...sentences))];
}

/** In the letters that it stands for. Those that are not ASCII, so may look like others, are emphasised. */
function decodedHostElement(host: string): HTMLElement {
  const parts = decodeHost(host).split(/([^\0-\x7F]+)/);
  const letters = parts.map((part, index) => (index % 2 === 0 ? part : element("strong", { textContent: part })));
  return element("bdi", { dir: "ltr" }, ...letters);
}
