/**
 * A query with `%20` for a space, which every decoder reads (RFC 3986 §2.1). The `+` that `URLSearchParams` writes is a
 * space to decoders of HTML forms only, and some clients have another one. A `+` of a value is `%2B` in both.
 */
export function writeQuery(parameters: Record<string, string> | URLSearchParams): string {
  return new URLSearchParams(parameters).toString().replaceAll("+", "%20");
}

/** The address with these parameters in its query, in place of any that it has by the same names. */
export function withQuery(address: string, parameters: Record<string, string>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  url.search = writeQuery(url.searchParams);
  return url.href;
}
