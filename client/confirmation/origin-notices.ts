import { element } from "../page/dom.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { text } from "../page/text.ts";
import type { OriginNotice } from "./origin.ts";
import { originNotices } from "./origin.ts";

export const noticeKeys: Record<OriginNotice, TextKey> = {
  loopback: "notice.loopback",
  extension: "notice.extension",
  address: "notice.address",
  punycode: "notice.punycode",
  port: "notice.port",
};

/** What a person should know about this origin before trusting it. */
export function originNoticeElements(origin: string): HTMLElement[] {
  return originNotices(origin).map((notice) => noticeElement(text(noticeKeys[notice])));
}

export function noticeElement(sentence: Sentence): HTMLElement {
  return element("p", { className: "notice" }, ...sentence);
}
