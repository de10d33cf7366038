import { createHash } from "node:crypto";
import type { RequestListener } from "node:http";
import type { LocalServer } from "../tools/local-server.ts";
import { startLocalServer } from "../tools/local-server.ts";

/**
 * An app with a login button. The first part of the path says what kind of app it is, the second is the service:
 * - `auth` uses auth.js
 * - `unprepared` has nothing ready when the button is pressed
 * - `unasked` logs in although nobody has pressed anything
 * - `silent` sends no `Referer`
 * - `pinned` and `mispinned` have the hash of auth.js, or another one, in an import map
 * - `message` is any OAuth client that gets its answer by a message
 */
export async function startEngineApp(provider: string, authJs: string): Promise<LocalServer> {
  const pages: Record<string, (service: string) => string> = {
    auth: (service) => authPage(provider, service),
    unprepared: (service) => authPage(provider, service, { onPress: "create().login()" }),
    unasked: (service) => authPage(provider, service, { onLoad: "auth.login()" }),
    silent: (service) => authPage(provider, service, { head: '<meta name="referrer" content="no-referrer">' }),
    pinned: (service) => authPage(provider, service, { head: importMap(provider, authJs) }),
    mispinned: (service) => authPage(provider, service, { head: importMap(provider, `${authJs} `) }),
    message: (service) => messagePage(provider, service),
  };
  return await startLocalServer(answerWith(pages), "::1");
}

/** A page of another site around such an app. */
export async function startAround(app: string): Promise<LocalServer> {
  const frame = (service: string) => `${head}<style>*{margin:0;border:0}</style><h1 hidden></h1>
    <iframe src="${app}/auth/${service}" width="400" height="300"></iframe>
    <script>addEventListener("message", ({ data }) => Object.assign(window, data));</script>`;
  return await startLocalServer(answerWith({ around: frame }), "127.0.0.1");
}

function answerWith(pages: Record<string, (service: string) => string>): RequestListener {
  return (request, response) => {
    const [, kind = "", service = ""] = new URL(request.url ?? "/", "http://app.invalid").pathname.split("/");
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(pages[kind]?.(service) ?? head);
  };
}

const head = `<!doctype html><title>App</title><link rel="icon" href="data:,">`;
/** At the top, so that a frame and its page see it at the same place. */
const button = `<button id="login" style="position:fixed;left:0;top:0;width:200px;height:60px">Log in</button>`;

/** What the test reads: the last result of a login, and whether anything was rejected that nobody has handled. */
const record = `
  const tell = (changes) => { Object.assign(window, changes); if (parent !== window) parent.postMessage(changes, "*"); };
  addEventListener("unhandledrejection", ({ reason }) => tell({ unhandled: String(reason) }));
  window.watch = (login) => login.then(
    (user) => tell({ outcome: user && { user: user.username } }),
    (error) => tell({ outcome: { code: error.code, typed: error instanceof window.AuthError, message: error.message } }));
`;

interface Differences {
  head?: string;
  onPress?: string;
  onLoad?: string;
}

const authPage = (
  provider: string,
  service: string,
  { head: more = "", onPress = "auth.login({ mode })", onLoad = "auth.login({ passive: true })" }: Differences = {},
) => `${head}${more}${button}
<script type="module">
  import { Auth, AuthError } from "${provider}/auth.js";
  Object.assign(window, { AuthError });
  ${record}
  const parameters = new URLSearchParams(location.search);
  const mode = parameters.get("mode") ?? "popup";
  const create = () => new Auth({ service: "${service}", app: parameters.get("app") ?? undefined });
  const auth = create();
  auth.addEventListener("mv-login", () => tell({ seen: "login" }));
  auth.addEventListener("mv-logout", () => tell({ seen: "logout" }));
  Object.assign(window, { auth });
  document.querySelector("#login").onclick = () => watch(${onPress});
  await watch(${onLoad});
  tell({ loaded: true });
</script>`;

const importMap = (provider: string, text: string) => {
  const hash = createHash("sha384").update(text).digest("base64");
  return `<script type="importmap">{ "integrity": { "${provider}/auth.js": "sha384-${hash}" } }</script>`;
};

const messagePage = (provider: string, service: string) => `${head}${button}<script>
  const challenge = "${createHash("sha256").update("v".repeat(43)).digest("base64url")}";
  const request = { client_id: location.origin + "/", response_type: "code", response_mode: "web_message",
    state: "state-of-the-app", code_challenge: challenge, code_challenge_method: "S256" };
  addEventListener("message", ({ origin, data }) => {
    if (origin === "${provider}") window.outcome = data.response;
  });
  document.querySelector("#login").onclick = () =>
    window.open("${provider}/authorize/${service}?" + new URLSearchParams(request), "_blank", "popup,width=480,height=680");
  window.loaded = true;
</script>`;
