import fc from "fast-check";
import { expect, test } from "vitest";
import { ROUTES } from "../../netlify/routes.ts";
import { findRoute } from "../../server/find-route.ts";
import { RUNS } from "../attacks/tools.ts";

const found = (pathname: string) => {
  const { endpoint, parameters } = findRoute(ROUTES, pathname) ?? {};
  return endpoint && [endpoint.name, parameters];
};

test.each<[string, string, object]>([
  ["/authorize/github", "authorize", { service: "github" }],
  ["/authorize/github/", "authorize", { service: "github" }],
  ["/auth", "authorize", {}],
  // The paths that CMSes append to an address from their configuration.
  ["/github/oauth/authorize", "authorize", { service: "github" }],
  ["/github/oauth/token", "token", { service: "github" }],
  ["/github/login/oauth/authorize", "authorize", { service: "github" }],
  ["/github/login/oauth/access_token", "token", { service: "github" }],
  ["/oauth/authorize", "authorize", {}],
  ["/login/oauth/authorize", "authorize", {}],
  ["/github/auth", "cms-mistake", { service: "github" }],
  ["/authorize/github/oauth/authorize", "cms-mistake", { service: "github" }],
  ["/authorize/github/login/oauth/authorize", "cms-mistake", { service: "github" }],
  // A service may be called auth.
  ["/authorize/auth", "authorize", { service: "auth" }],
  ["/callback/auth", "callback", { service: "auth" }],
  ["/token/auth", "token", { service: "auth" }],
  ["/userinfo/auth", "userinfo", { service: "auth" }],
  ["/revoke/auth", "revoke", { service: "auth" }],
  ["/callback", "callback", {}],
  ["/callback/", "callback", {}],
  ["/callback/github", "callback", { service: "github" }],
  ["/decision", "decision", {}],
  ["/token/github", "token", { service: "github" }],
  ["/userinfo/github", "userinfo", { service: "github" }],
  ["/revoke/github", "revoke", { service: "github" }],
  ["/services.json", "services", {}],
  ["/.well-known/oauth-authorization-server/github", "metadata", { service: "github" }],
  ["/github/.well-known/openid-configuration", "metadata", { service: "github" }],
  ["/github/jwks.json", "jwks", { service: "github" }],
  // What stands for the service is neither decoded nor looked up here.
  ["/token/x%2Fy", "token", { service: "x%2Fy" }],
  ["/token/:service", "token", { service: ":service" }],
  ["/token/__proto__", "token", { service: "__proto__" }],
])("%s leads to %s", (pathname, name, parameters) => {
  expect(found(pathname)).toEqual([name, parameters]);
});

test.each([
  "/",
  "",
  "/confirm",
  "/decision/github",
  "/authorize",
  "/authorize/",
  "/authorize//",
  "/authorize//github",
  "/authorize/github//",
  "/authorize/github/x",
  "/login/oauth/access_token",
  "/oauth/token",
  "/github/oauth/access_token",
  "/github/login/oauth/token",
  "/github//oauth/token",
  "/github/OAuth/token",
  "//authorize/github",
  "/Authorize/github",
  "/%61uthorize/github",
  "/services.json/x",
  "/.well-known/oauth-authorization-server",
  "/.well-known/openid-configuration",
  "/.netlify/functions/provider",
  "/__proto__",
  "/constructor",
])("[A61] %s leads nowhere", (pathname) => {
  expect(found(pathname)).toBeUndefined();
});

test("[A61] any path leads where the web's own patterns lead (URLPattern), with or without a slash at its end", () => {
  const patterns = ROUTES.map(({ path, endpoint }) => ({
    endpoint,
    pattern: new URLPattern({ pathname: `${path}{/}?` }),
  }));
  const part = fc.oneof(
    fc.constantFrom(...ROUTES.flatMap(({ path }) => path.split("/")), "", ".", "github", "GITHUB", "%2F"),
    fc.webPath(),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const { pathname } = new URL(`https://auth.example/${parts.join("/")}`);
      const expected = patterns.find(({ pattern }) => pattern.test({ pathname }));
      const service = expected?.pattern.exec({ pathname })?.pathname.groups.service;
      expect(found(pathname)).toEqual(expected && [expected.endpoint.name, service === undefined ? {} : { service }]);
    }),
    RUNS,
  );
});
