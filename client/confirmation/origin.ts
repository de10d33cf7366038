import { element, unbrokenLabels } from "../page/dom.ts";

/** What a person should know about an origin before trusting it: it may look like another, or belong to nobody known. */
export type OriginNotice = "loopback" | "extension" | "address" | "punycode" | "port";

/** A longer origin is shown in smaller letters. */
const longOriginCharacters = 60;

/** Browsers choose the font by the language, and the fixed-width fonts of some languages squeeze Latin letters. */
const addressLanguage = "en";

const loopbackHosts = ["localhost", "127.0.0.1", "[::1]"];

/** Redirect URIs of extensions in Chromium and Firefox. */
const extensionHost = /\.(chromiumapp|extensions\.allizom)\.org$/;

/** A web origin, spelled exactly as the URL parser spells it. `*` and addresses with a path are none. */
export function isExactOrigin(value: unknown): value is string {
  if (typeof value !== "string" || !/^https?:\/\//.test(value) || !URL.canParse(value)) return false;
  return new URL(value).origin === value;
}

/** A page of exactly this origin, spelled as the URL parser spells it, without a fragment. */
export function isExactAddress(value: string, origin: string): boolean {
  if (value === origin) return true;
  return value.startsWith(`${origin}/`) && !value.includes("#") && new URL(value).href === value;
}

/** Names below `localhost` are this computer as well (RFC 6761 §6.3). */
export function isLoopback({ hostname }: URL): boolean {
  return loopbackHosts.includes(hostname) || hostname.endsWith(".localhost");
}

/**
 * A public name, without a port: there is nothing to say about it. Anything that this does not recognise is looked at more
 * closely (`originNotices`).
 */
export function isPlainOrigin(origin: string): boolean {
  return /^https:(?!.*(?:xn--|localhost$|chromiumapp.org$|allizom.org$))[^:]*[a-z]$/.test(origin);
}

export function originNotices(origin: string): OriginNotice[] {
  const url = new URL(origin);
  // A program on this computer usually has a port, and often no name, so these are not unusual.
  if (isLoopback(url)) return ["loopback"];
  const notices: OriginNotice[] = [];
  if (extensionHost.test(url.hostname)) notices.push("extension");
  if (isAddress(url.hostname)) notices.push("address");
  if (url.hostname.split(".").some((label) => label.startsWith("xn--"))) notices.push("punycode");
  if (url.port !== "") notices.push("port");
  return notices;
}

/**
 * The whole origin, never shortened, always left to right. No part of the host is emphasised: only the Public Suffix List
 * knows which labels tell the owner, and a wrong guess would draw attention away from them.
 */
export function originElement(origin: string): HTMLElement {
  const [scheme = "", host = ""] = origin.split(/(?<=\/\/)/);
  const site = element("span", { className: "site" }, ...unbrokenLabels(host));
  const shown = element("span", { className: "origin", dir: "ltr", lang: addressLanguage }, scheme, site);
  shown.classList.toggle("long", origin.length > longOriginCharacters);
  return shown;
}

/**
 * A whole address of this origin, never shortened and always left to right. What comes after the origin is emphasised: it
 * could be an open redirector of an honest site.
 */
export function addressElement(address: string, origin: string): HTMLElement {
  const own = address.slice(0, origin.length + 1);
  const beyond = element("strong", { textContent: address.slice(own.length) });
  return element("code", { className: "address", dir: "ltr", lang: addressLanguage }, own, beyond);
}

function isAddress(hostname: string): boolean {
  // The URL parser writes every spelling of an IPv4 address as four decimal numbers.
  return hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}
