import { withQuery } from "../answers/query.ts";
import type { BodyFormat, ParameterNames } from "../provider/service.ts";
import type { OutboundRequest } from "./fetch.ts";

/** A request to a service, before its parameters are written in the format that the service reads. */
export interface ServiceRequest {
  url: string;
  method: OutboundRequest["method"];
  headers: Record<string, string>;
  format: BodyFormat;
  parameters: Record<string, string>;
}

/** Writes the parameters as a form (RFC 6749 appendix B), or in the format that the service reads instead. */
export function writeRequest({ url, method, headers, format, parameters }: ServiceRequest): OutboundRequest {
  if (format === "empty") return { url, method, headers };
  if (format === "query") return { url: withQuery(url, parameters), method, headers };
  const isJson = format === "json";
  return {
    url,
    method,
    headers: { ...headers, "Content-Type": isJson ? "application/json" : "application/x-www-form-urlencoded" },
    body: isJson ? JSON.stringify(parameters) : new URLSearchParams(parameters).toString(),
  };
}

/** The parameters under the service's own names. Those that the service does not want are left out. */
export function renameParameters(
  parameters: Record<string, string>,
  names: ParameterNames = {},
): Record<string, string> {
  const nameAtService = (name: string): string | null => (Object.hasOwn(names, name) ? names[name]! : name);
  const renamed = Object.entries(parameters).map(([name, value]) => [nameAtService(name), value]);
  return Object.fromEntries(renamed.filter(([name]) => name !== null));
}

/** Fills in `{client_id}`. This happens at run time, because an environment variable may set the client ID. */
export function fillClientId(values: Record<string, string> = {}, clientId: string): Record<string, string> {
  const fill = (value: string): string => value.replaceAll("{client_id}", () => clientId);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fill(value)]));
}
