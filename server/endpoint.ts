import type { ErrorFormat } from "./answers/errors.ts";
import type { Provider } from "./provider/provider.ts";

/** Parameters in the path, not decoded. */
export interface PathParameters {
  service?: string;
}

/** @throws {OAuthError} for every expected error; `serve.ts` turns it into a response */
export type Handler = (request: Request, provider: Provider, path: PathParameters) => Promise<Response>;

/** An endpoint, written with web standards only, so that it runs on any host. */
export interface Endpoint {
  /** Its name in the log. */
  name: string;
  errorFormat: ErrorFormat;
  /** Answers a request that must not reach a handler. */
  answerBefore?: (request: Request) => Response | undefined;
  methods: Partial<Record<"GET" | "HEAD" | "POST" | "OPTIONS", Handler>>;
}
