import { explainError } from "../confirmation/error-reply.ts";
import { Gate } from "../confirmation/gate.ts";
import { postJson } from "../confirmation/post.ts";
import { button, element, find, reveal } from "../page/dom.ts";
import { externalLink } from "../page/links.ts";
import type { Logo } from "../page/logo.ts";
import { drawLogo } from "../page/logo.ts";
import type { OfferedService } from "../page/offered-services.ts";
import { fetchOfferedServices } from "../page/offered-services.ts";
import { readServiceAddress } from "../page/service-address.ts";
import { serviceIcon, tile } from "../page/service-icon.ts";
import type { Sentence } from "../page/text.ts";
import { currentLanguage, loadLanguage, text } from "../page/text.ts";
import { isObject, isText } from "../page/values.ts";

/** Set by the build: the page contains all logos, so that it need not fetch any. */
declare const LOGOS: Record<string, Logo>;

/**
 * Madata's apps have the service send the browser to our root. The platform routes such a request to `callback`; if it
 * reaches this page all the same, the page forwards it.
 */
const parameters = new URLSearchParams(location.search);
const isAuthorizationResponse = parameters.has("state") && (parameters.has("code") || parameters.has("error"));

const makersDetails = find<HTMLDetailsElement>(".makers details");
let offered: OfferedService[] = [];

if (isAuthorizationResponse) location.replace(`/callback${location.search}`);
else start();

function start(): void {
  makersDetails.addEventListener("toggle", () => void openMakers());
  addEventListener("hashchange", openWhatIsNamed);
  void showServices(loadLanguage("home").then(showPage)).then(openWhatIsNamed);
}

function showPage(): void {
  document.querySelectorAll(".loading").forEach(reveal);
}

async function showServices(loading?: Promise<void>): Promise<void> {
  const list = find(".services");
  try {
    [offered] = await Promise.all([fetchOfferedServices(), loading]);
    offerSignOut(offered);
    list.replaceChildren(...(offered.length === 0 ? noServiceElements() : [serviceList(offered)]));
  } catch {
    await loading;
    const retry = button(text("common.again"), "no", () => void showServices());
    list.replaceChildren(element("p", {}, ...text("home.services.failed")), retry);
  }
}

function serviceList(services: OfferedService[]): HTMLElement {
  return element("ul", {}, ...services.map(serviceItem));
}

function serviceItem(service: OfferedService): HTMLElement {
  const logo = LOGOS[service.icon ?? ""];
  const icon = logo === undefined ? serviceIcon(service) : tile(drawLogo(logo));
  const name = element("strong", { id: `service-${service.id}`, textContent: service.name });
  return element("li", {}, icon, element("span", {}, name, ...(service.try ? [tryLink(service, name)] : [])));
}

/** Its name is the same for all services; screen readers add which one it is. */
function tryLink({ id }: OfferedService, name: HTMLElement): HTMLElement {
  const link = element("a", { id: `try-${id}`, href: `/try#${id}` }, ...text("home.services.try"));
  link.setAttribute("aria-labelledby", `${link.id} ${name.id}`);
  return link;
}

function noServiceElements(): HTMLElement[] {
  return [
    element("p", {}, ...text("home.services.none")),
    element("p", { className: "note" }, ...text("home.services.hint")),
  ];
}

/* ---- Sign out everywhere ---- */

function offerSignOut(services: OfferedService[]): void {
  const section = find(".sign-out");
  section.hidden = services.length === 0;
  section.querySelector(".choices")!.replaceChildren(...services.map((service) => signOutButton(service)));
}

function signOutButton(service: OfferedService): HTMLElement {
  const choice = element(
    "button",
    { type: "button", className: "no" },
    ...text("home.signOut.button", { service: service.name }),
  );
  guardChoice(choice, service);
  return choice;
}

/** The question comes later, and with its text; here the gate only ignores double clicks and clicks in a row. */
function guardChoice(choice: HTMLButtonElement, service: OfferedService): void {
  new Gate({
    button: choice,
    mustBeSeen: [],
    mustBeRead: [],
    onState: (state) => state === "ignored" && showSignOutStatus(text("gate.refused")),
    onPressed: () => void beginSignOut(service).finally(() => guardChoice(choice, service)),
  });
}

/** The person logs in once more, and is asked afterwards. Only this click can begin it: no app, and no link. */
async function beginSignOut({ id, name }: OfferedService): Promise<void> {
  showSignOutStatus(text("common.going", { service: name }));
  const reply = await postJson(`/authorize/${id}`, { signOut: true });
  if (reply === undefined) return showSignOutStatus(text("common.unreachable.line"));
  if (reply.status !== 200) return showSignOutStatus(await explainError(reply));
  const address = readServiceAddress(reply);
  if (address !== undefined) return location.assign(address);
  showSignOutStatus(otherWayToSignOut(name, reply.body));
}

function otherWayToSignOut(service: string, body: unknown): Sentence {
  const manageUrl = isObject(body) && isText(body.manageUrl) ? body.manageUrl : "";
  const [link] = externalLink(text("common.manage", { service }), manageUrl);
  return link === undefined
    ? text("home.signOut.nowhere", { service })
    : text("home.signOut.elsewhere", { service, link });
}

function showSignOutStatus(sentence: Sentence): void {
  find(".sign-out [role=status]").replaceChildren(...sentence);
}

/* ---- For app developers ---- */

/** `/#makers` leads to the code. */
function openWhatIsNamed(): void {
  if (location.hash === "#makers") makersDetails.open = true;
}

/** Only they load the second script. */
async function openMakers(): Promise<void> {
  const place = find(".makers .code");
  if (!makersDetails.open || place.childElementCount > 0) return;
  try {
    const makers = await import("./home-makers.ts");
    makers.useLanguage(currentLanguage());
    makers.showMakers(place, offered);
  } catch {
    // A browser does not load a script again that it could not load: the page has to be loaded anew.
    place.replaceChildren(element("p", {}, ...text("common.unreachable.line")));
  }
}
