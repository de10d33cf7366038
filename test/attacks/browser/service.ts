import type { Service } from "../../../server/provider/service.ts";
import { plainService } from "../../tools/harness.ts";
import type { Party } from "./party.ts";
import { startParty } from "./party.ts";

/** What a code and a token of the demo service begin with: wherever one of these turns up, it got out. */
export const CODE_CANARY = "canary-code";
export const TOKEN_CANARY = "canary-token";

/**
 * A service that the user has allowed long ago: it asks nothing and sends everybody straight back with a code, which is
 * what makes silent consent possible [A1]. Under `/cut`, its answers cut the window off from the app.
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

/** As the provider knows it: three services, which differ only in what becomes of the opener. */
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
    // Its record does not know yet what its pages do.
    { ...cut, id: "unannounced", key: "Unannounced", name: "Unannounced", opener: "kept" },
  ];
}
