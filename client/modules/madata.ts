/**
 * The Madata bridge: an app that is made with Madata or Mavo loads it before its own scripts and needs no other change
 * (`<script src="https://auth.example/madata.js"></script>`).
 *
 * Such an app opens the service in a popup and waits for a message from it. Some services cut their window off from the app,
 * so the message never comes. For these services, the bridge opens the popup at the provider instead, which stays in the
 * popup and opens a second window for the service. The app's own code does everything else.
 *
 * The bridge changes nothing but the address of this popup. If anything fails, the app works as without it.
 */

/** The members of an entry in `services.json` that are used here. */
interface Service {
  id: string;
  client_id: string;
  opener: "kept" | "cut";
}

type Services = Record<string, Service>;

/** A login that one of Madata's clients begins. */
interface Login {
  backend: string;
  state: string;
  scope: string | null;
}

const provider = new URL(ownAddress()).origin;
const openWindow = window.open.bind(window);
let services: Services | undefined;
const loading = loadServices();

window.open = (url, target, features) => {
  const login = readLogin(url);
  if (login === undefined) return openWindow(url, target, features);
  if (services !== undefined) return openWindow(addressOf(login, services) ?? url, target, features);

  // A browser opens a window only during the click, and the caller needs it at once.
  const popup = openWindow("about:blank", target, features);
  void loading.then((loaded) => {
    // Not `replace()`: from an empty window, WebKit would send no `Referer`.
    if (popup !== null) popup.location.href = addressOf(login, loaded) ?? String(url);
  });
  return popup;
};

/** As a classic script or as a module. */
function ownAddress(): string {
  const own = document.currentScript ?? document.querySelector('script[src$="/madata.js"]');
  return own instanceof HTMLScriptElement ? own.src : location.href;
}

async function loadServices(): Promise<Services> {
  try {
    const response = await fetch(`${provider}/services.json`);
    services = (await response.json()) as Services;
  } catch {
    // Every login then works as without the bridge.
    services = {};
  }
  return services;
}

/** Madata's clients are recognized by their `state`. A login that already goes to the provider needs no change. */
function readLogin(address: string | URL | undefined): Login | undefined {
  if (address === undefined || !URL.canParse(String(address), document.baseURI)) return undefined;
  const { origin, searchParams } = new URL(String(address), document.baseURI);
  const state = searchParams.get("state");
  const backend = readBackend(state);
  if (origin === provider || state === null || backend === undefined) return undefined;
  return { backend, state, scope: searchParams.get("scope") };
}

function readBackend(state: string | null): string | undefined {
  try {
    const { url, backend } = JSON.parse(state ?? "") as Record<string, unknown>;
    return typeof url === "string" && typeof backend === "string" ? backend : undefined;
  } catch {
    return undefined;
  }
}

/** The address at the provider; `undefined` if the service does not cut its window off. */
function addressOf({ backend, state, scope }: Login, known: Services): string | undefined {
  const service = Object.hasOwn(known, backend) ? known[backend] : undefined;
  if (service?.opener !== "cut") return undefined;
  const url = new URL(`/authorize/${service.id}`, provider);
  url.search = new URLSearchParams({
    client_id: service.client_id,
    redirect_uri: provider,
    response_type: "code",
    ...(scope === null ? {} : { scope }),
    state,
  }).toString();
  return url.href;
}
