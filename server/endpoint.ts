import type { OAuthError } from "./answers/errors.ts";
import type { Provider } from "./provider/provider.ts";

/** Parameters of the path, undecoded. */
export interface PathParameters {
  service?: string;
}

/** @throws {OAuthError} for every way to fail that is known; `server/serve.ts` turns it into an answer */
export type Handler = (request: Request, provider: Provider, path: PathParameters) => Promise<Response>;

/** Who reads what an endpoint answers: one of `audiences/`, so that a function is built with what its own readers need. */
export interface Audience {
  /** The answer to a request that must not reach the endpoint at all. */
  answerBefore?(request: Request): Response | undefined;
  /** @param allow the header `Allow`, where the method was wrong (RFC 9110 §15.5.6) */
  errorResponse(error: OAuthError, request: Request, allow: Record<string, string>): Response;
}

/** One endpoint: web-standard code, free of the platform it runs on. */
export interface Endpoint {
  /** Its name in the log. */
  name: string;
  audience: Audience;
  methods: Partial<Record<"GET" | "HEAD" | "POST" | "OPTIONS", Handler>>;
}
