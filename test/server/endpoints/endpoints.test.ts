import { expect, test } from "vitest";
import type { Endpoint } from "../../../server/endpoint.ts";
import { authorize } from "../../../server/endpoints/authorize.ts";
import { callback } from "../../../server/endpoints/callback.ts";
import { decision } from "../../../server/endpoints/decision.ts";
import { jwks } from "../../../server/endpoints/jwks.ts";
import { metadata } from "../../../server/endpoints/metadata.ts";
import { revoke } from "../../../server/endpoints/revoke.ts";
import { services } from "../../../server/endpoints/services.ts";
import { token } from "../../../server/endpoints/token.ts";
import { userinfo } from "../../../server/endpoints/userinfo.ts";

test("every endpoint stands in the log under its own name", () => {
  const endpoints: Record<string, Endpoint> = {
    authorize,
    callback,
    decision,
    jwks,
    metadata,
    revoke,
    services,
    token,
    userinfo,
  };
  for (const [name, endpoint] of Object.entries(endpoints)) expect(endpoint.name).toBe(name);
});
