import { describe, expect, test } from "vitest";
import { authenticateClient } from "../../../server/upstream/client-authentication.ts";
import { serviceOf } from "../../attacks/tools.ts";
import { CANARY, testProvider } from "../../tools/harness.ts";

const service = serviceOf(testProvider());
const credentials = { client_id: service.clientId, client_secret: CANARY.clientSecret };

describe("how we prove to a service who we are (RFC 6749 §2.3.1)", () => {
  test("in the body", () => {
    expect(authenticateClient(service, "client_secret_post")).toEqual({ headers: {}, parameters: credentials });
  });

  test("in a Basic header, and then not in the body as well", () => {
    const basic = Buffer.from(`${credentials.client_id}:${credentials.client_secret}`).toString("base64");
    expect(authenticateClient(service, "client_secret_basic")).toEqual({
      headers: { Authorization: `Basic ${basic}` },
      parameters: {},
    });
  });

  test("in a Basic header, each half form-encoded before the two are joined", () => {
    const odd = { ...service, clientId: "https://auth.example/:1", clientSecret: "a b+c:ü&=%" };
    const { headers } = authenticateClient(odd, "client_secret_basic");
    const joined = Buffer.from(headers.Authorization!.slice("Basic ".length), "base64").toString();
    expect(joined).toBe("https%3A%2F%2Fauth.example%2F%3A1:a+b%2Bc%3A%C3%BC%26%3D%25");
  });

  test("not at all, where the service wants no secret: it gets none, even if there is one", () => {
    expect(authenticateClient(service, "none")).toEqual({ headers: {}, parameters: { client_id: service.clientId } });
  });

  test("by name only, where there is no secret, whatever the service wants", () => {
    const secretless = { ...service, clientSecret: undefined };
    for (const method of ["client_secret_post", "client_secret_basic"] as const) {
      expect(authenticateClient(secretless, method)).toEqual({
        headers: {},
        parameters: { client_id: service.clientId },
      });
    }
  });
});
