import { withQuery } from "../answers/query.ts";
import type { BodyFormat, ParameterNames } from "../provider/service.ts";
import type { OutboundRequest } from "./fetch.ts";

/** A request to a service, before its members are written in the way that the service reads. */
export interface ServiceRequest {
  url: string;
  method: OutboundRequest["method"];
  headers: Record<string, string>;
  format: BodyFormat;
  members: Record<string, string>;
}

/** RFC 6749 appendix B, or what the service reads instead. */
export function writeRequest({ url, method, headers, format, members }: ServiceRequest): OutboundRequest {
  if (format === "empty") return { url, method, headers };
  if (format === "query") return { url: withQuery(url, members), method, headers };
  const isJson = format === "json";
  return {
    url,
    method,
    headers: { ...headers, "Content-Type": isJson ? "application/json" : "application/x-www-form-urlencoded" },
    body: isJson ? JSON.stringify(members) : new URLSearchParams(members).toString(),
  };
}

/** The parameters under the names that the service gives them; those that it does not want are left out. */
export function renameParameters(
  parameters: Record<string, string>,
  names: ParameterNames = {},
): Record<string, string> {
  const spelled = (name: string): string | null => (Object.hasOwn(names, name) ? names[name]! : name);
  const renamed = Object.entries(parameters).map(([name, value]) => [spelled(name), value]);
  return Object.fromEntries(renamed.filter(([name]) => name !== null));
}

/** `{client_id}` in the values of a record, which is known only at run time: an environment variable may name it. */
export function fillClientId(values: Record<string, string> = {}, clientId: string): Record<string, string> {
  const fill = (value: string): string => value.replaceAll("{client_id}", () => clientId);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fill(value)]));
}
