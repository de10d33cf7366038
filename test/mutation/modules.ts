/**
 * The modules to mutate, which are the ones that the project's promises depend on, and the tests that check each of
 * them. The lists of tests are as short as possible, because every mutant runs all tests of its module.
 *
 * Tables are not included. Changing a sentence in the error catalogue or a header value shows only whether a test
 * repeats the table word for word.
 */
export interface Module {
  name: string;
  mutate: string[];
  tests: string[];
}

export const MODULES: Module[] = [
  {
    name: "app URL",
    mutate: ["shared/app-url.ts"],
    tests: ["test/shared/app-url.test.ts"],
  },
  {
    name: "cookies",
    mutate: [
      "server/sealing/cookies.ts",
      "server/sealing/browser-binding.ts",
      "server/sealing/login-cookies.ts",
      "server/sealing/constant-time.ts",
    ],
    tests: [
      "test/server/sealing/browser-binding.test.ts",
      "test/server/sealing/login-cookies.test.ts",
      "test/server/sealing/constant-time.test.ts",
    ],
  },
  {
    name: "sealing",
    mutate: ["server/sealing/seal.ts", "server/sealing/jwe.ts"],
    tests: ["test/server/sealing/sealing-keys.test.ts", "test/server/sealing/seal.test.ts"],
  },
  {
    name: "confirmation gate, page",
    mutate: ["client/confirmation/gate.ts", "client/confirmation/press.ts"],
    tests: [
      "test/client/confirmation/gate.test.ts",
      "test/client/confirmation/press.test.ts",
      "test/properties/gate.test.ts",
    ],
  },
  {
    name: "confirmation gate, endpoint",
    mutate: ["server/endpoints/decision.ts"],
    tests: [
      "test/server/endpoints/decision.test.ts",
      "test/server/endpoints/endpoints.test.ts",
      "test/attacks/consent.test.ts",
      "test/login/cms.test.ts",
      "test/login/waiting.test.ts",
      "test/login/sign-out.test.ts",
      "test/properties/decision.test.ts",
    ],
  },
  {
    name: "token endpoint",
    mutate: [
      "server/endpoints/token.ts",
      "server/grants/authorization-code.ts",
      "server/grants/refresh-token.ts",
      "server/grants/token-request.ts",
      "server/grants/token-response.ts",
      "server/upstream/client-authentication.ts",
    ],
    tests: [
      "test/server/upstream/client-authentication.test.ts",
      "test/server/endpoints/endpoints.test.ts",
      "test/server/grants/token-request.test.ts",
      "test/server/grants/token-response.test.ts",
      "test/server/grants/authorization-code.test.ts",
      "test/attacks/token-endpoint.test.ts",
      "test/attacks/refresh.test.ts",
    ],
  },
  {
    name: "revocation",
    mutate: ["server/endpoints/revoke.ts", "server/upstream/revocation.ts"],
    tests: [
      "test/server/endpoints/endpoints.test.ts",
      "test/server/upstream/revocation.test.ts",
      "test/attacks/revocation.test.ts",
    ],
  },
  {
    name: "redirect URI and PKCE",
    mutate: ["server/request/redirect-uri.ts", "server/request/pkce.ts"],
    tests: ["test/server/request/redirect-uri.test.ts", "test/server/request/pkce.test.ts"],
  },
  {
    name: "delivery",
    mutate: ["server/dialects/delivery.ts"],
    tests: ["test/server/dialects/delivery.test.ts"],
  },
  {
    name: "Madata dialect",
    mutate: ["server/dialects/madata.ts"],
    tests: [
      "test/server/dialects/madata-root.test.ts",
      "test/server/dialects/madata-state.test.ts",
      "test/attacks/madata.test.ts",
    ],
  },
];
