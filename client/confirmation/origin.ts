import { element } from "../page/dom.ts";

/** What a person should know about an origin before trusting it [A33][A58]. */
export type OriginNotice = "loopback" | "extension" | "address" | "punycode" | "port";

/** More than this does not fit a small window in large letters. */
const longOriginCharacters = 60;

/** What fits a line of a window of 320 pixels. */
const maximumWholeCharacters = 20;

const loopbackHosts = ["localhost", "127.0.0.1", "[::1]"];

/** Where Chromium and Firefox hand an answer to one of their extensions. */
const extensionHost = /\.(chromiumapp|extensions\.allizom)\.org$/;

/** A web origin, spelled exactly as the URL parser spells it: `*`, paths and mixed forms are none [A4]. */
export function isExactOrigin(value: unknown): value is string {
  if (typeof value !== "string" || !/^https?:\/\//.test(value) || !URL.canParse(value)) return false;
  return new URL(value).origin === value;
}

/** A page of exactly this origin, spelled as the URL parser spells it, without a fragment [A3]. */
export function isExactAddress(value: string, origin: string): boolean {
  if (value === origin) return true;
  return value.startsWith(`${origin}/`) && !value.includes("#") && new URL(value).href === value;
}

/** Names below `localhost` are this computer as well (RFC 6761 §6.3). */
export function isLoopback({ hostname }: URL): boolean {
  return loopbackHosts.includes(hostname) || hostname.endsWith(".localhost");
}

export function originNotices(origin: string): OriginNotice[] {
  const url = new URL(origin);
  // A program on this computer mostly has a port, and often an address for a name.
  if (isLoopback(url)) return ["loopback"];
  const notices: OriginNotice[] = [];
  if (extensionHost.test(url.hostname)) notices.push("extension");
  if (isAddress(url.hostname)) notices.push("address");
  if (url.hostname.split(".").some((label) => label.startsWith("xn--"))) notices.push("punycode");
  if (url.port !== "") notices.push("port");
  return notices;
}

/**
 * The whole origin, never shortened, always left to right. Every letter of the host is as strong as any other: which of its
 * labels tell whom a site belongs to, only a long list knows, and a wrong guess would hide whose it is [A33].
 */
export function originElement(origin: string): HTMLElement {
  const [scheme = "", host = ""] = origin.split(/(?<=\/\/)/);
  const shown = element("span", { className: "origin", dir: "ltr" }, scheme, hostElement(host));
  shown.classList.toggle("long", origin.length > longOriginCharacters);
  return shown;
}

/** Lines break before a dot or a colon, and inside a label only if it may be longer than a line: not at a hyphen of it. */
function hostElement(host: string): HTMLElement {
  const labels = host.split(/(?=[.:])/).map((label) => {
    const isWhole = label.length <= maximumWholeCharacters;
    return isWhole ? element("span", { className: "whole", textContent: label }) : label;
  });
  return element("span", { className: "site" }, ...labels.flatMap((label) => [label, element("wbr")]).slice(0, -1));
}

/**
 * A whole address of this origin, never shortened and always left to right. What it has beyond its origin is emphasised: an
 * honest origin may have pages that send people on to another [A21].
 */
export function addressElement(address: string, origin: string): HTMLElement {
  const own = address.slice(0, origin.length + 1);
  const beyond = element("strong", { textContent: address.slice(own.length) });
  return element("code", { className: "address", dir: "ltr" }, own, beyond);
}

function isAddress(hostname: string): boolean {
  // The URL parser has already turned every spelling of an IPv4 address into four decimal numbers.
  return hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}
