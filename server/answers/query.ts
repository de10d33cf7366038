/**
 * A query string with `%20` for a space, which every decoder understands (RFC 3986 §2.1). `URLSearchParams` writes `+`,
 * which only decoders of HTML forms read as a space; some clients use other decoders. A `+` in a value becomes `%2B`.
 */
export function writeQuery(parameters: Record<string, string> | URLSearchParams): string {
  return new URLSearchParams(parameters).toString().replaceAll("+", "%20");
}

/** The address with these parameters in its query. They replace parameters of the same names. */
export function withQuery(address: string, parameters: Record<string, string>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  url.search = writeQuery(url.searchParams);
  return url.href;
}
