import type { Service } from "../../../server/provider/service.ts";
import { plainService } from "../../tools/harness.ts";
import type { Party } from "./party.ts";
import { startParty } from "./party.ts";

/** Prefixes of the service's codes and tokens. They are a leak wherever they should not appear. */
export const CODE_CANARY = "canary-code";
export const TOKEN_CANARY = "canary-token";

/**
 * A service that the user has already allowed. It shows no question and redirects back with a code at once, which makes
 * silent consent possible [A1]. Under `/cut`, its responses separate the window from its opener.
 */
export async function startService(): Promise<Party> {
  const redeemable = new Set<string>();
  let issued = 0;
  return await startParty("127.0.0.1", answer);

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/token") return exchange(new URLSearchParams(await request.text()));
    if (url.pathname.endsWith("/authorize")) return allow(url);
    return new Response("Service", { status: 404 });
  }

  function allow({ pathname, searchParams }: URL): Response {
    issued += 1;
    const code = `${CODE_CANARY}-${issued}`;
    redeemable.add(code);
    const location = new URL(searchParams.get("redirect_uri")!);
    location.searchParams.set("code", code);
    location.searchParams.set("state", searchParams.get("state")!);
    const cut = pathname.startsWith("/cut") ? { "Cross-Origin-Opener-Policy": "same-origin" } : {};
    return new Response(null, { status: 302, headers: { Location: location.href, ...cut } });
  }

  function exchange(form: URLSearchParams): Response {
    const code = form.get("code") ?? "";
    if (!redeemable.delete(code)) return Response.json({ error: "invalid_grant" }, { status: 400 });
    return Response.json({ access_token: code.replace(CODE_CANARY, TOKEN_CANARY), token_type: "bearer" });
  }
}

/** The provider's configuration of it: three services that differ only in what happens to the opener. */
export function recordsOf({ origin }: Party): Service[] {
  const github = plainService({
    authorizationEndpoint: `${origin}/kept/authorize`,
    tokenEndpoint: `${origin}/token`,
    icon: `${origin}/logo.svg`,
  });
  const cut = { ...github, authorizationEndpoint: `${origin}/cut/authorize`, madata: false };
  return [
    github,
    { ...cut, id: "cut", key: "Cut", name: "Cut", opener: "cut" },
    // The configuration does not yet say what its pages do.
    { ...cut, id: "unannounced", key: "Unannounced", name: "Unannounced", opener: "kept" },
  ];
}
