import { element } from "./dom.ts";

/** What a person should know about an origin before trusting it [A33][A58]. */
export type OriginNotice = "loopback" | "address" | "punycode" | "port";

export interface OriginParts {
  scheme: string;
  /** All labels but the last two, with the dot after them. */
  subdomains: string;
  /** The last two labels: whom the site belongs to. */
  site: string;
  port: string;
}

/** More than this does not fit a small window in large letters. */
const longOriginCharacters = 60;

/** What fits a line of a window of 320 pixels. */
const maximumWholeCharacters = 20;

const loopbackHosts = ["localhost", "127.0.0.1", "[::1]"];

/** A web origin, spelled exactly as the URL parser spells it: `*`, paths and mixed forms are none [A4]. */
export function isExactOrigin(value: unknown): value is string {
  if (typeof value !== "string" || !/^https?:\/\//.test(value) || !URL.canParse(value)) return false;
  return new URL(value).origin === value;
}

export function isLoopback(url: URL): boolean {
  return loopbackHosts.includes(url.hostname);
}

export function originParts(origin: string): OriginParts {
  const { protocol, hostname, port } = new URL(origin);
  const labels = isAddress(hostname) ? [hostname] : hostname.split(".");
  const subdomains = labels.slice(0, -2);
  return {
    scheme: `${protocol}//`,
    subdomains: subdomains.map((label) => `${label}.`).join(""),
    site: labels.slice(-2).join("."),
    port: port === "" ? "" : `:${port}`,
  };
}

export function originNotices(origin: string): OriginNotice[] {
  const url = new URL(origin);
  // A program on this computer always has a port, and often an address for a name.
  if (isLoopback(url)) return ["loopback"];
  const notices: OriginNotice[] = [];
  if (isAddress(url.hostname)) notices.push("address");
  if (url.hostname.split(".").some((label) => label.startsWith("xn--"))) notices.push("punycode");
  if (url.port !== "") notices.push("port");
  return notices;
}

/** The whole origin, never shortened, with its last two labels emphasised. Always left to right. */
export function originElement(origin: string): HTMLElement {
  const { scheme, subdomains, site, port } = originParts(origin);
  const shown = element(
    "span",
    { className: "origin", dir: "ltr" },
    part("quiet", scheme),
    part("quiet", subdomains),
    part("site", site),
    part("quiet", port),
  );
  shown.classList.toggle("long", origin.length > longOriginCharacters);
  return shown;
}

/** Lines break before a dot, and inside a label only if it may be longer than a line: not at a hyphen of it. */
function part(className: string, text: string): HTMLElement {
  const labels = text.split(/(?=\.)/).map((label) => {
    const isWhole = label.length <= maximumWholeCharacters;
    return isWhole ? element("span", { className: "whole", textContent: label }) : label;
  });
  return element("span", { className }, ...labels.flatMap((label) => [label, element("wbr")]).slice(0, -1));
}

function isAddress(hostname: string): boolean {
  // The URL parser has already turned every spelling of an IPv4 address into four decimal numbers.
  return hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}
