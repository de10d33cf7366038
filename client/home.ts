import { button, element, find } from "./dom.ts";
import { serviceIcon } from "./service-icon.ts";

const text = {
  none: "No service is set up yet.",
  noneHint: "If you are the owner: run “npm run add-service”, and deploy again.",
  failed: "The list of services could not be loaded.",
  retry: "Try again",
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
    list.replaceChildren(...(services.length === 0 ? noService() : [serviceList(services)]));
  } catch {
    const retry = button(text.retry, "no", () => void showServices());
    list.replaceChildren(element("p", { textContent: text.failed }), retry);
  }
}

/** The code sample names a service that this provider really offers. */
function showExample(service: OfferedService | undefined): void {
  if (service !== undefined) find(".own-service").textContent = service.id;
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
