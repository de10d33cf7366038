/** The part of `fetch` that the scripts use. It is passed in, so that tests can answer. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;
