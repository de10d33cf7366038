import { button, element } from "../page/dom.ts";
import type { OfferedService } from "../page/offered-services.ts";
import type { TextKey } from "../page/text.ts";
import { text } from "../page/text.ts";
import { fillSnippet } from "../snippets/fill.ts";

/** The part of the home page for people who build apps: code that runs, for a service and a client. */

export { useLanguage } from "../page/text.ts";

/** Set by the build: the files in `client/snippets`, by name. */
declare const SNIPPETS: Record<string, string>;

interface Client {
  name: string;
  snippet: string;
  /** What the reader has to know first. */
  lead: TextKey;
  /** The only services that the client knows. */
  services?: string[];
}

const clients: Client[] = [
  { name: "auth.js", snippet: "auth.html", lead: "home.makers.module" },
  { name: "<auth-login>", snippet: "login-button.html", lead: "home.makers.element" },
  { name: "Madata", snippet: "madata.html", lead: "home.makers.data", services: ["github"] },
  { name: "Mavo", snippet: "mavo.html", lead: "home.makers.mavo", services: ["github"] },
  {
    name: "Decap CMS, Sveltia CMS, Static CMS",
    snippet: "cms.yaml",
    lead: "home.makers.cms",
    services: ["github", "gitlab"],
  },
  { name: "react-admin", snippet: "react-admin.jsx", lead: "home.makers.admin" },
  { name: "oidc-client-ts", snippet: "oidc-client-ts.js", lead: "home.makers.issuer" },
  { name: "curl", snippet: "curl.sh", lead: "home.makers.plain" },
];

/** The code is about GitHub where this provider offers nothing. */
const example: OfferedService = { id: "github", name: "GitHub", clientId: "YOUR_GITHUB_CLIENT_ID", try: false };

export function showMakers(place: HTMLElement, offered: OfferedService[]): void {
  const services = offered.length === 0 ? [example] : offered;
  const service = choice("home.makers.service", services);
  const client = choice("home.makers.client", clients);
  const lead = element("p");
  const code = element("code");
  const status = element("p", { className: "note", role: "status" });
  const copy = button(text("home.makers.copy"), "", () => void copyCode(code, status));

  const update = () => {
    const chosen = clients[client.select.selectedIndex]!;
    const { note, ...shown } = serviceFor(chosen, services[service.select.selectedIndex]!, services);
    lead.replaceChildren(...text(chosen.lead), " ", ...note);
    code.textContent = codeFor(chosen, shown);
    status.replaceChildren();
  };
  for (const { select } of [service, client]) select.addEventListener("change", update);
  update();
  const sample = element("pre", { className: "sample", dir: "ltr", tabIndex: 0 }, code);
  place.replaceChildren(
    element("div", { className: "pickers" }, service.label, client.label),
    lead,
    sample,
    element("div", { className: "choices" }, copy),
    status,
  );
}

function choice(label: TextKey, options: { name: string }[]): { label: HTMLElement; select: HTMLSelectElement } {
  const select = element("select", {}, ...options.map(({ name }) => element("option", { textContent: name })));
  return { label: element("label", {}, ...text(label), select), select };
}

/** A client that does not know the chosen service is shown with one that it knows. */
function serviceFor({ name, services: known }: Client, chosen: OfferedService, offered: OfferedService[]) {
  if (known === undefined || known.includes(chosen.id)) return { ...chosen, note: [] };
  const other = offered.find(({ id }) => known.includes(id)) ?? example;
  return { ...other, note: text("home.makers.only", { client: name, services: known.join(", ") }) };
}

function codeFor({ snippet }: Client, { id, name, clientId }: OfferedService): string {
  return fillSnippet(SNIPPETS[snippet]!, { provider: location.origin, service: id, serviceName: name, clientId });
}

/** A browser may refuse it; then the code is selected, for the person to copy. */
async function copyCode(code: HTMLElement, status: HTMLElement): Promise<void> {
  const isCopied = await navigator.clipboard.writeText(code.textContent).then(
    () => true,
    () => false,
  );
  if (!isCopied) getSelection()?.selectAllChildren(code);
  status.replaceChildren(...text(isCopied ? "home.makers.copied" : "home.makers.selected"));
}
