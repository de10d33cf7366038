import { element } from "./dom.ts";
import { originNotices } from "./origin.ts";
import type { OriginNotice } from "./origin.ts";

const text: Record<OriginNotice, string> = {
  loopback: "This is a program on this computer. Go on only if you have started it yourself.",
  address: "This site has only a number for an address. Few trustworthy sites do.",
  punycode: "This address contains “xn--”: letters that can look like others. Make sure that it is the site you mean.",
  port: "This address ends with a port number. Another number can be another site.",
};

/** What a person should know about this origin before trusting it [A33][A58]. */
export function originNoticeElements(origin: string): HTMLElement[] {
  return originNotices(origin).map((notice) => noticeElement(text[notice]));
}

export function noticeElement(sentence: string): HTMLElement {
  return element("p", { className: "notice", textContent: sentence });
}
