import type { Endpoint, PathParameters } from "./endpoint.ts";

/** A path of the provider, and the endpoint that answers there. `:service` stands for one part of the path. */
export interface Route {
  path: string;
  endpoint: Endpoint;
}

/** A route that fits a request, and the parameters in the request's path. */
export interface RouteMatch {
  endpoint: Endpoint;
  parameters: PathParameters;
}

/** @param pathname of the request's URL; it may end with a slash */
export function findRoute(routes: Route[], pathname: string): RouteMatch | undefined {
  const parts = pathname.replace(/\/$/, "").split("/");
  for (const { path, endpoint } of routes) {
    const parameters = matchPath(path.split("/"), parts);
    if (parameters) return { endpoint, parameters };
  }
  return undefined;
}

function matchPath(pattern: string[], parts: string[]): PathParameters | undefined {
  const isMatch = pattern.length === parts.length && pattern.every((part, index) => matchesPart(part, parts[index]));
  if (!isMatch) return undefined;
  const service = parts[pattern.indexOf(":service")];
  return service === undefined ? {} : { service };
}

function matchesPart(pattern: string, part: string | undefined): boolean {
  return pattern === ":service" ? part !== "" : pattern === part;
}
