import { join } from "node:path";
import type { LambdaFunctionURLEvent } from "aws-lambda";
import { afterEach, expect, test, vi } from "vitest";
import type { Configuration } from "../../server/provider/service.ts";
import { CANARY, PROVIDER, plainService } from "../tools/harness.ts";
import { buildOne } from "./hosts.ts";

/** Platforms that nothing here can run: what they pass in is written as in their documentation. */

const CONFIGURATION: Configuration = { services: [plainService()], secrets: {}, localDevelopment: false };

afterEach(() => vi.unstubAllEnvs());

/** Loads the function anew, as a fresh instance does. */
async function load<Exports>(name: string, file: string, env: Record<string, string>): Promise<Exports> {
  for (const [variable, value] of Object.entries({ GITHUB_CLIENT_SECRET: CANARY.clientSecret, ...env }))
    vi.stubEnv(variable, value);
  return (await import(join(await buildOne(name, CONFIGURATION, PROVIDER), file))) as Exports;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
const EVENT: LambdaFunctionURLEvent = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/token/github",
  rawQueryString: "",
  cookies: ["cookie1=value1", "cookie2=value2"],
  headers: {
    "content-type": "application/x-www-form-urlencoded",
    "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae0",
  },
  requestContext: {
    accountId: "123456789012",
    apiId: "<urlid>",
    domainName: "auth.example",
    domainPrefix: "<url-id>",
    http: {
      method: "POST",
      path: "/token/github",
      protocol: "HTTP/1.1",
      sourceIp: "123.123.123.123",
      userAgent: "agent",
    },
    requestId: "id",
    routeKey: "$default",
    stage: "$default",
    time: "12/Mar/2020:19:03:58 +0000",
    timeEpoch: 1_583_348_638_390,
  },
  body: Buffer.from("grant_type=other").toString("base64"),
  isBase64Encoded: true,
};

interface Result {
  statusCode: number;
  headers: Record<string, string>;
  cookies: string[];
  body: string;
}

const textOf = ({ body }: Result) => Buffer.from(body, "base64").toString();

test("AWS Lambda: a documented event is answered with a documented result", async () => {
  const { handler } = await load<{ handler(event: object): Promise<Result> }>("aws-lambda", "index.mjs", {
    URL: PROVIDER,
  });
  const refused = await handler(EVENT);
  expect(refused).toMatchObject({ statusCode: 400, cookies: [], isBase64Encoded: true });
  expect(JSON.parse(textOf(refused))).toMatchObject({ error: "unsupported_grant_type" });

  const plain = await handler({ ...EVENT, body: "grant_type=other", isBase64Encoded: false });
  expect(textOf(plain)).toBe(textOf(refused));

  const query = new URLSearchParams({ client_id: "https://app.example/", response_type: "code" });
  const http = { ...EVENT.requestContext.http, method: "GET" };
  const page = {
    ...EVENT,
    rawPath: "/authorize/github",
    rawQueryString: `${query}`,
    requestContext: { ...EVENT.requestContext, http },
  };
  expect(await handler({ ...page, cookies: undefined, body: undefined })).toMatchObject({ statusCode: 400 });
  expect((await handler({ ...page, body: "" })).headers["content-type"]).toMatch(/^text\/html/);
});

test("[A15] AWS Lambda: under the name of another version's URL, nobody is answered", async () => {
  const { handler } = await load<{ handler(event: object): Promise<Result> }>("aws-lambda", "index.mjs", {
    URL: PROVIDER,
  });
  const requestContext = { ...EVENT.requestContext, domainName: "abcdefg.lambda-url.us-west-2.on.aws" };
  expect((await handler({ ...EVENT, requestContext })).statusCode).toBe(421);
});

test.each([
  ["vercel", "api/provider.mjs", { VERCEL_ENV: "production", URL: "" }],
  ["aws-lambda", "index.mjs", { URL: "" }],
])("%s: without URL the function does not start, and says why", async (name, file, env) => {
  await expect(load(name, file, env)).rejects.toThrow("URL is not set");
});

test.each(["preview", "development", ""])(
  "[A15] Vercel: a deploy that says it is %j answers nobody",
  async (VERCEL_ENV) => {
    const { default: fn } = await load<{ default: { fetch(request: Request): Promise<Response> } }>(
      "vercel",
      "api/provider.mjs",
      { VERCEL_ENV, URL: PROVIDER },
    );
    for (const path of ["/", "/services.json"]) expect((await fn.fetch(new Request(PROVIDER + path))).status).toBe(421);
  },
);

test("[A15] Vercel: the published deploy answers only under its own name", async () => {
  const { default: fn } = await load<{ default: { fetch(request: Request): Promise<Response> } }>(
    "vercel",
    "api/provider.mjs",
    { VERCEL_ENV: "production", URL: PROVIDER },
  );
  expect((await fn.fetch(new Request(`${PROVIDER}/services.json`))).status).toBe(200);
  expect((await fn.fetch(new Request("https://auth-provider-abc123-owner.vercel.app/services.json"))).status).toBe(421);
});
