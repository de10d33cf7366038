/**
 * The Madata bridge: `<script src="https://auth.example/madata.js"></script>` before the scripts of an app that is made
 * with Madata or Mavo, and that stays as it is.
 *
 * Such an app opens the service in a popup and waits for a message from it. Where the service's pages cut their window
 * off from the app, that message can never come. So a login at such a service is opened here, at the provider, which
 * keeps the popup and gives the service a window of its own. The app's own code does everything else.
 *
 * Nothing but the address of that one popup is ever changed; whatever goes wrong leaves the app as it was.
 */

/** What is used here of an entry in `services.json`. */
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

  // The window must be opened in the click itself, and the client must get it at once.
  const popup = openWindow("about:blank", target, features);
  void loading.then((loaded) => popup?.location.replace(addressOf(login, loaded) ?? String(url)));
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
    // Then every login goes the way that it goes without the bridge.
    services = {};
  }
  return services;
}

/** Madata's clients are known by their `state`; what was pointed at the provider already needs no help. */
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

/** Madata over `/authorize`; `undefined` where the app's own way works. */
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
