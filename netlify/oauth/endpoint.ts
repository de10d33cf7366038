import type { Provider } from "./provider.ts";

/** Parameters of the path, undecoded. */
export interface PathParameters {
  service?: string;
}

/** @throws {OAuthError} for every way to fail that is known; `netlify/serve.ts` turns it into an answer */
export type Handler = (request: Request, provider: Provider, path: PathParameters) => Promise<Response>;

/** One endpoint: web-standard code, free of the platform it runs on. */
export interface Endpoint {
  /** Its name in the log. */
  name: string;
  /**
   * Who reads its errors. `person`: a GET is a navigation and fails with a page; a POST comes from our own pages and no
   * other origin may read the answer. `app`: always JSON, readable by any origin.
   */
  audience: "person" | "app";
  methods: Partial<Record<"GET" | "HEAD" | "POST" | "OPTIONS", Handler>>;
}
