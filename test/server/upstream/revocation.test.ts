import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as errors from "../../../server/answers/error-catalogue.ts";
import type { RevocationEndpoint } from "../../../server/provider/service.ts";
import { revokeGrant, revokeToken } from "../../../server/upstream/revocation.ts";
import { serviceOf } from "../../attacks/tools.ts";
import type { ErrorName } from "../../tools/error-name.ts";
import { CANARY, testProvider } from "../../tools/harness.ts";

const ENDPOINT: RevocationEndpoint = {
  endpoint: "https://github.example/oauth/revoke",
  method: "POST",
  authMethod: "client_secret_post",
  body: "form",
  tokenParameter: "token",
};

let answer: Response;
const fetched = vi.fn(async () => answer);

beforeEach(() => {
  answer = new Response(null, { status: 200 });
  vi.spyOn(globalThis, "fetch").mockImplementation(fetched);
});
afterEach(() => {
  fetched.mockClear();
  vi.restoreAllMocks();
});

function serviceWith(changes: Partial<RevocationEndpoint> = {}) {
  const revocation = { ...ENDPOINT, ...changes };
  return serviceOf(testProvider({ github: { revocation, grantRevocation: revocation } }));
}

async function expectRefused(request: Promise<void>, reason: ErrorName): Promise<void> {
  await expect(request).rejects.toMatchObject({ definition: errors[reason] });
}

describe.each([
  ["a token", revokeToken],
  ["a grant", revokeGrant],
])("ending %s", (_, revoke) => {
  test("works by the kind of token that the service takes, and by no other", async () => {
    const service = serviceWith({ tokenKind: "refresh_token" });
    await expectRefused(revoke(service, CANARY.accessToken), "unsupported_token_type");
    await expectRefused(revoke(service, CANARY.accessToken, "access_token"), "unsupported_token_type");
    expect(fetched).not.toHaveBeenCalled();
    await revoke(service, CANARY.accessToken, "refresh_token");
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  test("is impossible where the service has no endpoint for it", async () => {
    await expectRefused(revoke(serviceOf(testProvider()), CANARY.accessToken), "unsupported_token_type");
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each<[status: number, error: string | undefined, reason: ErrorName]>([
    [400, "unsupported_token_type", "unsupported_token_type"],
    [400, "invalid_client", "service_refused_provider"],
    [400, "invalid_request", "service_refused_provider"],
    [400, "unauthorized_client", "service_refused_provider"],
    [400, "server_error", "service_failed"],
    [400, "temporarily_unavailable", "service_failed"],
    [401, undefined, "service_refused_provider"],
    [403, undefined, "service_refused_provider"],
    [300, undefined, "service_unreachable"],
    [500, undefined, "service_failed"],
  ])("has not worked when the service says %i %s: %s", async (status, error, reason) => {
    answer = Response.json({ error }, { status });
    await expectRefused(revoke(serviceWith(), CANARY.accessToken), reason);
  });
});

describe("a token that the service does not know", () => {
  test.each([400, 404, 410, 422])("is as good as ended, says %i (RFC 7009 §2.2); a grant is not", async (status) => {
    answer = new Response(null, { status });
    await revokeToken(serviceWith(), CANARY.accessToken);
    await expectRefused(revokeGrant(serviceWith(), CANARY.accessToken), "service_failed");
  });

  test.each([".", "..", "é", "a\nb", ""])("because no service issues %j: nobody is asked", async (token) => {
    await revokeToken(serviceWith(), token);
    await expectRefused(revokeGrant(serviceWith(), token), "service_failed");
    expect(fetched).not.toHaveBeenCalled();
  });
});
