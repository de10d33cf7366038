import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { freePort } from "../../tools/site.ts";
import type { World } from "../world.ts";

const CLIENTS = fileURLToPath(new URL("../", import.meta.url));
const BUNDLES = join(CLIENTS, "node_modules/.cache/recipes");

/** The package's parts for Node. Instead of opening a browser, they pass the address to the test. */
const ENTRY = `
  export * from "@openid/appauth";
  export { NodeBasedHandler } from "@openid/appauth/built/src/node_support/node_request_handler.js";
  export { NodeRequestor } from "@openid/appauth/built/src/node_support/node_requestor.js";
  export { NodeCrypto } from "@openid/appauth/built/src/node_support/crypto_utils.js";`;

/** The parts of the package that the test uses. */
interface AppAuth {
  AuthorizationServiceConfiguration: { fetchFromIssuer(issuer: string, requestor: object): Promise<Configuration> };
  AuthorizationRequest: new (request: object, crypto: object) => AuthorizationRequest;
  AuthorizationNotifier: new () => {
    setAuthorizationListener(listener: (request: object, answer?: Answer, failure?: Failure) => void): void;
  };
  BaseTokenRequestHandler: new (
    requestor: object,
  ) => {
    performTokenRequest(configuration: Configuration, request: object): Promise<TokenAnswer>;
    performRevokeTokenRequest(configuration: Configuration, request: object): Promise<boolean>;
  };
  TokenRequest: new (request: object) => object;
  RevokeTokenRequest: new (request: object) => object;
  NodeBasedHandler: new (
    port: number,
  ) => {
    setAuthorizationNotifier(notifier: object): void;
    performAuthorizationRequest(configuration: Configuration, request: AuthorizationRequest): void;
  };
  NodeRequestor: new () => object;
  NodeCrypto: new () => object;
}

interface Configuration {
  authorizationEndpoint: string;
  userInfoEndpoint: string;
}
interface AuthorizationRequest {
  state: string;
  internal: { code_verifier: string };
}
interface Answer {
  code: string;
  state: string;
}
interface Failure {
  error: string;
  state: string;
}
interface TokenAnswer {
  accessToken: string;
  refreshToken: string;
  isValid(): boolean;
}

/** Bundles the package first, because it is written for bundlers. */
async function loadAppAuth(): Promise<AppAuth> {
  await mkdir(BUNDLES, { recursive: true });
  const outfile = join(BUNDLES, `appauth-${process.pid}.mjs`);
  const opener = join(BUNDLES, `opener-${process.pid}.mjs`);
  await build({
    stdin: { contents: "export default (url) => globalThis.openInBrowser(url);", loader: "js" },
    outfile: opener,
  });
  await build({
    stdin: { contents: ENTRY, resolveDir: CLIENTS, loader: "js" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    alias: { opener },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "error",
  });
  const appAuth = (await import(pathToFileURL(outfile).href)) as AppAuth;
  await Promise.all([rm(outfile), rm(opener)]);
  return appAuth;
}

export function appAuthSuite(world: () => World): void {
  describe("@openid/appauth, a native app on loopback (RFC 8252)", () => {
    // The package logs everything that it does.
    beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => {}));
    afterEach(() => void vi.restoreAllMocks());

    async function ask(appAuth: AppAuth, decision: "yes" | "no") {
      const port = await freePort();
      const requestor = new appAuth.NodeRequestor();
      const issuer = world().issuer("unbound");
      const configuration = await appAuth.AuthorizationServiceConfiguration.fetchFromIssuer(issuer, requestor);
      // The client_id has no port: the operating system chooses one for each login.
      const app = { client_id: "http://127.0.0.1/", redirect_uri: `http://127.0.0.1:${port}/` };
      const request = new appAuth.AuthorizationRequest(
        {
          ...app,
          // Without openid: any program can be a client on loopback, so there is no ID token for one.
          scope: "profile offline_access",
          response_type: "code",
          extras: { prompt: "consent", access_type: "offline" },
        },
        new appAuth.NodeCrypto(),
      );
      const handler = new appAuth.NodeBasedHandler(port);
      const notifier = new appAuth.AuthorizationNotifier();
      handler.setAuthorizationNotifier(notifier);
      const result = new Promise<{ answer: Answer | undefined; failure: Failure | undefined }>((resolve) => {
        notifier.setAuthorizationListener((_, answer, failure) => resolve({ answer, failure }));
      });
      const opened = new Promise<string>((resolve) => Object.assign(globalThis, { openInBrowser: resolve }));
      handler.performAuthorizationRequest(configuration, request);

      const person = world().newPerson();
      const question = await person.reachQuestion(await opened);
      expect(question.origin).toBe(`http://127.0.0.1:${port}`);
      await person.open(await person.answer(question, decision));
      return { app, request, configuration, tokens: new appAuth.BaseTokenRequestHandler(requestor), ...(await result) };
    }

    test("discovers, logs in, refreshes and revokes", async () => {
      const appAuth = await loadAppAuth();
      const { app, request, configuration, tokens, answer } = await ask(appAuth, "yes");
      expect(answer).toMatchObject({ state: request.state, code: expect.any(String) });

      const extras = { code_verifier: request.internal.code_verifier };
      const byCode = { ...app, grant_type: "authorization_code", code: answer!.code, extras };
      const first = await tokens.performTokenRequest(configuration, new appAuth.TokenRequest(byCode));
      expect(first.isValid()).toBe(true);
      // The package repeats the redirect URI here too.
      const byToken = { ...app, grant_type: "refresh_token", refresh_token: first.refreshToken };
      const second = await tokens.performTokenRequest(configuration, new appAuth.TokenRequest(byToken));
      expect(second.accessToken).not.toBe(first.accessToken);
      const profile = (token: string) =>
        fetch(configuration.userInfoEndpoint, { headers: { authorization: `Bearer ${token}` } });
      // The token is valid. Without openid, this service does not let it read the profile.
      expect((await profile(second.accessToken)).status).toBe(403);
      const ending = new appAuth.RevokeTokenRequest({ token: second.accessToken });
      await tokens.performRevokeTokenRequest(configuration, ending);
      expect((await profile(second.accessToken)).status).toBe(401);
    });

    test("is told of a No", async () => {
      const { request, answer, failure } = await ask(await loadAppAuth(), "no");
      expect(answer ?? undefined).toBeUndefined();
      expect(failure).toMatchObject({ error: "access_denied", state: request.state });
    });
  });
}
