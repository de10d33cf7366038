import { expect, test } from "vitest";
import type { Endpoint } from "../../netlify/oauth/endpoint.ts";
import { authorize } from "../../netlify/oauth/endpoints/authorize.ts";
import { callback } from "../../netlify/oauth/endpoints/callback.ts";
import { confirm } from "../../netlify/oauth/endpoints/confirm.ts";
import { metadata } from "../../netlify/oauth/endpoints/metadata.ts";
import { revoke } from "../../netlify/oauth/endpoints/revoke.ts";
import { services } from "../../netlify/oauth/endpoints/services.ts";
import { token } from "../../netlify/oauth/endpoints/token.ts";
import { userinfo } from "../../netlify/oauth/endpoints/userinfo.ts";

test("every endpoint stands in the log under its own name", () => {
  const endpoints: Record<string, Endpoint> = {
    authorize,
    callback,
    confirm,
    metadata,
    revoke,
    services,
    token,
    userinfo,
  };
  for (const [name, endpoint] of Object.entries(endpoints)) expect(endpoint.name).toBe(name);
});
