import type { LocalServer } from "../tools/local-server.ts";
import { startLocalServer } from "../tools/local-server.ts";

/** A service for many quick logins. Everybody is Alice there, and has allowed the app already. */
export interface QuickService extends LocalServer {
  /** The entries for `services.json`. Their names say what the service does. */
  records: Record<"Quick" | "Paged" | "Cutting", object>;
}

const allowPage = `<!doctype html><title>Service</title><link rel="icon" href="data:,"><h1>Allow?</h1>
<button id="allow">Allow</button><script>
  const request = new URLSearchParams(location.search);
  document.querySelector("#allow").onclick = () => location.assign(request.get("redirect_uri") + "?" +
    new URLSearchParams({ code: "code", state: request.get("state") }));
</script>`;

/** `Quick` goes back at once, `Paged` after a press, and `Cutting`, too, which cuts its window off from the app. */
export async function startQuickService(): Promise<QuickService> {
  let issued = 0;
  const server = await startLocalServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://service.invalid");
    const json = (body: object): void => {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (pathname === "/token") {
      issued += 1;
      return json({ access_token: `t${issued}`, token_type: "bearer", expires_in: 3_600, refresh_token: `r${issued}` });
    }
    if (pathname === "/userinfo") return json({ sub: "alice", preferred_username: "alice" });
    if (pathname === "/quick") {
      const back = new URLSearchParams({ code: "code", state: searchParams.get("state") ?? "" });
      return response.writeHead(302, { location: `${searchParams.get("redirect_uri")}?${back}` }).end();
    }
    const cut = pathname === "/cutting" && { "cross-origin-opener-policy": "same-origin" };
    return response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...cut }).end(allowPage);
  });
  const record = (name: string) => ({
    name,
    client_id: "client",
    authorization_endpoint: `${server.origin}/${name.toLowerCase()}`,
    token_endpoint: `${server.origin}/token`,
    userinfo_endpoint: `${server.origin}/userinfo`,
    refresh_tokens: "rotating",
    opener: name === "Cutting" ? "cut" : "kept",
  });
  return { ...server, records: { Quick: record("Quick"), Paged: record("Paged"), Cutting: record("Cutting") } };
}
