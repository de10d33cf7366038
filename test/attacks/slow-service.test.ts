import { expect, test } from "vitest";
import { pkcePair, redeem, testProvider } from "../tools/harness.ts";
import { startTokenServer } from "../tools/token-server.ts";
import { expectRefused, sealOne } from "./tools.ts";

// In a file of its own, because it waits: the other files run meanwhile.
test("[A46] a service that does not answer is given up within 9 seconds", { timeout: 12_000 }, async () => {
  const server = await startTokenServer();
  server.answerWith("hang");
  const provider = testProvider({ github: { tokenEndpoint: server.endpoint } });
  const { verifier, challenge } = pkcePair();
  const code = await sealOne("code", provider, { browser: "x", challenge });
  const startedAt = performance.now();
  const response = await redeem(provider, { code, code_verifier: verifier });
  expect(performance.now() - startedAt).toBeLessThan(9_000);
  await expectRefused(response, "service_too_slow");
  await server.stop();
});
