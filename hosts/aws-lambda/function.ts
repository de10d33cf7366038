import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import { startSite } from "../built-site.ts";

/** A function URL, or an HTTP API of API Gateway: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */

const site = startSite(process.env);

export async function handler(event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  return await toResult(await site(toRequest(event)));
}

function toRequest(event: LambdaFunctionURLEvent): Request {
  const { rawPath, rawQueryString, requestContext, cookies = [], body, isBase64Encoded } = event;
  const { method } = requestContext.http;
  const query = rawQueryString === "" ? "" : `?${rawQueryString}`;
  const hasBody = body !== undefined && method !== "GET" && method !== "HEAD";
  const headers = new Headers(event.headers as Record<string, string>);
  if (cookies.length > 0) headers.set("cookie", cookies.join("; "));
  return new Request(`https://${requestContext.domainName}${rawPath}${query}`, {
    method,
    headers,
    ...(hasBody ? { body: isBase64Encoded ? Buffer.from(body, "base64") : body } : {}),
  });
}

/** Cookies have a list of their own, because a comma cannot join them. */
async function toResult(response: Response): Promise<LambdaFunctionURLResult> {
  const { "set-cookie": _, ...headers } = Object.fromEntries(response.headers);
  return {
    statusCode: response.status,
    headers,
    cookies: response.headers.getSetCookie(),
    body: Buffer.from(await response.arrayBuffer()).toString("base64"),
    isBase64Encoded: true,
  };
}
