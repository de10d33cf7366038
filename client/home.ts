import { button, element, find } from "./dom.ts";
import { postJson } from "./post.ts";
import { readServiceAddress } from "./service-address.ts";
import { serviceIcon } from "./service-icon.ts";

const text = {
  none: "No service is set up yet.",
  noneHint: "If you are the owner: run “npm run add-service”, and deploy again.",
  failed: "The list of services could not be loaded.",
  retry: "Try again",
  signOut: {
    button: (service: string) => `Sign out of ${service}`,
    going: (service: string) => `Going to ${service}…`,
    elsewhere: (service: string) => `This site cannot end access at ${service}, but you can:`,
    manage: (service: string) => `see and end access at ${service}`,
    nowhere: (service: string) => `This site cannot end access at ${service}. Look in the settings of your ${service} account.`,
    unreachable: "The server could not be reached. Check your connection to the internet, and try again.",
    busy: "Too many logins are going on at this moment. Wait a minute, and try again.",
    failed: "The server gave an answer that this page does not understand.",
  },
};

interface OfferedService {
  id: string;
  name: string;
  icon?: string;
}

/**
 * Madata's apps let the service send the browser to our root. The platform hands such a request to `callback`; should
 * it ever reach this page instead, it goes there from here.
 */
const parameters = new URLSearchParams(location.search);
const isAuthorizationResponse = parameters.has("state") && (parameters.has("code") || parameters.has("error"));

if (isAuthorizationResponse) location.replace(`/callback${location.search}`);
else start();

function start(): void {
  document.querySelectorAll(".own-origin").forEach((place) => (place.textContent = location.origin));
  void showServices();
}

async function showServices(): Promise<void> {
  const list = find(".services");
  try {
    const response = await fetch("/services.json");
    if (!response.ok) throw new Error(`/services.json: ${response.status}`);
    const services = readServices(await response.json());
    showExample(services[0]);
    offerSignOut(services);
    list.replaceChildren(...(services.length === 0 ? noService() : [serviceList(services)]));
  } catch {
    const retry = button(text.retry, "no", () => void showServices());
    list.replaceChildren(element("p", { textContent: text.failed }), retry);
  }
}

/** The code sample names a service that this provider really offers. */
function showExample(service: OfferedService | undefined): void {
  if (service === undefined) return;
  document.querySelectorAll(".own-service").forEach((place) => (place.textContent = service.id));
}

function readServices(value: unknown): OfferedService[] {
  if (typeof value !== "object" || value === null) throw new Error("/services.json is no object.");
  return Object.entries(value).map(([key, service]: [string, Partial<OfferedService>]) => ({
    id: service.id ?? key,
    name: service.name ?? key,
    ...(service.icon !== undefined && { icon: service.icon }),
  }));
}

function serviceList(services: OfferedService[]): HTMLElement {
  return element("ul", {}, ...services.map(serviceItem));
}

function serviceItem(service: OfferedService): HTMLElement {
  return element("li", {}, serviceIcon(service), element("span", { textContent: service.name }));
}

function noService(): HTMLElement[] {
  return [
    element("p", { textContent: text.none }),
    element("p", { className: "note", textContent: text.noneHint }),
  ];
}

/* ---- Sign out everywhere ---- */

function offerSignOut(services: OfferedService[]): void {
  const section = find(".sign-out");
  section.hidden = services.length === 0;
  section.querySelector(".choices")!.replaceChildren(...services.map((service) => signOutButton(service)));
}

function signOutButton(service: OfferedService): HTMLElement {
  const choice = button(text.signOut.button(service.name), "no", () => {
    choice.disabled = true;
    void beginSignOut(service).finally(() => (choice.disabled = false));
  });
  return choice;
}

/** The person logs in once more, and is asked on the way back. No app and no link can begin this, only this click. */
async function beginSignOut({ id, name }: OfferedService): Promise<void> {
  const { unreachable, busy, failed, going } = text.signOut;
  tell(going(name));
  const reply = await postJson(`/authorize/${id}`, { signOut: true });
  if (reply.kind === "unreachable") return tell(unreachable);
  if (reply.kind === "refusal") return tell(reply.refusal?.error_description ?? (reply.status === 429 ? busy : failed));
  const address = readServiceAddress(reply.body);
  if (address !== undefined) return location.assign(address);
  tellWhereElse(name, reply.body);
}

function tellWhereElse(name: string, body: unknown): void {
  const manageUrl = typeof body === "object" && body !== null && "manageUrl" in body ? String(body.manageUrl) : "";
  if (!manageUrl.startsWith("https://")) return tell(text.signOut.nowhere(name));
  const link = element("a", { href: manageUrl, rel: "noreferrer noopener", target: "_blank" });
  link.textContent = text.signOut.manage(name);
  tell(`${text.signOut.elsewhere(name)} `, link, ".");
}

function tell(...content: (Node | string)[]): void {
  find(".sign-out [role=status]").replaceChildren(...content);
}
