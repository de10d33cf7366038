/**
 * What is mutated: the modules that promises hang on, each with the tests that it is held to. The tests of a module are
 * as few as can be, because every mutant of it runs them all.
 *
 * Tables are not here. To change a constant sentence of `reasons.ts`, or a header's value, says nothing about the tests:
 * either they repeat the table word by word, or they do not.
 */
export interface Module {
  name: string;
  mutate: string[];
  tests: string[];
}

export const MODULES: Module[] = [
  {
    name: "app URL",
    mutate: ["netlify/oauth/app-url.ts"],
    tests: ["test/oauth/app-url.test.ts"],
  },
  {
    name: "cookies",
    mutate: [
      "netlify/oauth/cookies.ts",
      "netlify/oauth/binding.ts",
      "netlify/oauth/login-cookies.ts",
      "netlify/oauth/equal.ts",
    ],
    tests: ["test/oauth/binding.test.ts", "test/oauth/login-cookies.test.ts", "test/oauth/equal.test.ts"],
  },
  {
    name: "sealing",
    mutate: ["netlify/oauth/seal.ts", "netlify/oauth/jwe.ts"],
    tests: ["test/oauth/sealing-keys.test.ts", "test/oauth/seal.test.ts"],
  },
  {
    name: "confirmation gate, page",
    mutate: ["client/gate.ts", "client/press.ts"],
    tests: ["test/client/gate.test.ts", "test/client/press.test.ts", "test/properties/gate.test.ts"],
  },
  {
    name: "confirmation gate, endpoint",
    mutate: ["netlify/oauth/endpoints/confirm.ts"],
    tests: [
      "test/oauth/confirm.test.ts",
      "test/oauth/endpoints.test.ts",
      "test/attacks/consent.test.ts",
      "test/login/cms.test.ts",
      "test/login/holding.test.ts",
      "test/login/sign-out.test.ts",
      "test/properties/confirm.test.ts",
    ],
  },
  {
    name: "token endpoint",
    mutate: [
      "netlify/oauth/endpoints/token.ts",
      "netlify/oauth/grants/authorization-code.ts",
      "netlify/oauth/grants/refresh-token.ts",
      "netlify/oauth/grants/token-request.ts",
      "netlify/oauth/grants/token-response.ts",
      "netlify/oauth/client-authentication.ts",
    ],
    tests: [
      "test/oauth/client-authentication.test.ts",
      "test/oauth/endpoints.test.ts",
      "test/oauth/token-request.test.ts",
      "test/oauth/token-response.test.ts",
      "test/oauth/authorization-code.test.ts",
      "test/attacks/token-endpoint.test.ts",
      "test/attacks/refresh.test.ts",
    ],
  },
  {
    name: "revocation",
    mutate: ["netlify/oauth/endpoints/revoke.ts", "netlify/oauth/revocation.ts"],
    tests: ["test/oauth/endpoints.test.ts", "test/oauth/revocation.test.ts", "test/attacks/revocation.test.ts"],
  },
  {
    name: "redirect URI and PKCE",
    mutate: ["netlify/oauth/redirect-uri.ts", "netlify/oauth/pkce.ts"],
    tests: ["test/oauth/redirect-uri.test.ts", "test/oauth/pkce.test.ts"],
  },
  {
    name: "delivery",
    mutate: ["netlify/oauth/delivery.ts"],
    tests: ["test/oauth/delivery.test.ts"],
  },
  {
    name: "Madata dialect",
    mutate: ["netlify/oauth/madata.ts"],
    tests: ["test/oauth/madata-root.test.ts", "test/oauth/madata-state.test.ts", "test/attacks/madata.test.ts"],
  },
];
