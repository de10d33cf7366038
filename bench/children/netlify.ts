/**
 * Calls a function through Netlify's wrapper, which takes an AWS Lambda event and returns a stream. `awslambda` is the part
 * of Lambda's runtime that the wrapper needs.
 */
import { Writable } from "node:stream";
import type { Call, Reply } from "../setup/call.ts";

type Metadata = { statusCode: number; multiValueHeaders: Record<string, string[]> };
type Handler = (event: object, stream: Writable, context: object) => Promise<void>;

/** The headers that the platform's edge adds. */
const PLATFORM_HEADERS = {
  "x-nf-account-id": "000000000000000000000000",
  "x-nf-client-connection-ip": "192.0.2.1",
  "x-nf-deploy-context": "production",
  "x-nf-deploy-id": "000000000000000000000000",
  "x-nf-deploy-published": "1",
  "x-nf-request-id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  "x-nf-site-id": "00000000-0000-0000-0000-000000000000",
  "cdn-loop": "netlify",
};

const metadataOf = new WeakMap<Writable, Metadata>();

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Handler) => handler,
    HttpResponseStream: {
      from(stream: Writable, metadata: Metadata) {
        metadataOf.set(stream, metadata);
        return stream;
      },
    },
  },
});

/** Loads the wrapper, which imports the function at the first call. */
export async function loadWrapper(entryPoint: string, route: string): Promise<(call: Call) => Promise<Reply>> {
  const { handler } = (await import(entryPoint)) as { handler: Handler };
  return (call) => invoke(handler, route, call);
}

async function invoke(handler: Handler, route: string, { url, method, headers, body }: Call): Promise<Reply> {
  const { host, pathname } = new URL(url);
  const event = {
    rawUrl: url,
    path: pathname,
    httpMethod: method,
    headers: { ...PLATFORM_HEADERS, host, ...headers },
    body,
    isBase64Encoded: false,
    route,
    flags: {},
    invocationMetadata: { function_name: "bench", branch: "main" },
  };
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  const context = {
    awsRequestId: "bench",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => 10_000,
  };
  await handler(event, stream, context);

  const { statusCode, multiValueHeaders } = metadataOf.get(stream)!;
  const replyHeaders = Object.entries(multiValueHeaders).map(([name, values]) => [
    name.toLowerCase(),
    values.join(", "),
  ]);
  return {
    status: statusCode,
    headers: Object.fromEntries(replyHeaders) as Record<string, string>,
    cookies: multiValueHeaders["set-cookie"] ?? [],
    body: Buffer.concat(chunks).toString("utf8"),
  };
}
