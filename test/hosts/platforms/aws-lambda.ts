/** A stand-in for AWS Lambda's function URLs: events and results are those of the payload format 2.0. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";

type Handler = (event: LambdaFunctionURLEvent) => Promise<LambdaFunctionURLResult>;

const [file, port] = process.argv.slice(2) as [string, string];
const { handler } = (await import(file)) as { handler: Handler };
createServer((request, response) => void answer(request, response)).listen(Number(port), "127.0.0.1");
process.once("disconnect", () => process.exit());

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const result = await handler(eventOf(request, await text(request)));
  if (typeof result === "string") throw new Error("This form of a result is not tested.");
  const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded = false } = result;
  response.writeHead(statusCode!, { ...(headers as Record<string, string>), "set-cookie": cookies });
  response.end(request.method === "HEAD" ? undefined : Buffer.from(body, isBase64Encoded ? "base64" : "utf8"));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload */
function eventOf({ method = "GET", url = "/", headers }: IncomingMessage, body: string): LambdaFunctionURLEvent {
  const { cookie, host = "", ...others } = headers as Record<string, string>;
  const [rawPath = "/", ...query] = url.split("?");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: query.join("?"),
    ...(cookie === undefined ? {} : { cookies: cookie.split("; ") }),
    headers: { ...others, host },
    requestContext: {
      accountId: "anonymous",
      apiId: "test",
      domainName: host,
      domainPrefix: "test",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
      requestId: "test",
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2026:19:03:58 +0000",
      timeEpoch: 1_773_342_238_390,
    },
    ...(body === "" ? {} : { body: Buffer.from(body).toString("base64") }),
    isBase64Encoded: body !== "",
  };
}
