import { isText } from "./values.ts";

/**
 * What the pages say of services. It stands in each page's script, from the owner's settings, so that nobody can put words,
 * logos or links on a page of ours with a link to it: its fragment can only choose [A67].
 */

export interface ShownService {
  name: string;
  /** Path of a logo on our own origin, where there is one. */
  icon?: string;
}

/** Set by the build, for each service that the functions carry, by its id. */
declare const SERVICES: Record<string, ShownService>;
/** Where a person can undo it later. */
declare const MANAGE_URLS: Record<string, string>;
/** In English words, where there are any. */
declare const SCOPE_DESCRIPTIONS: Record<string, Record<string, string>>;

const services = SERVICES;
const manageUrls = MANAGE_URLS;
const scopeDescriptions = SCOPE_DESCRIPTIONS;

export function isService(value: unknown): value is string {
  return isText(value) && Object.hasOwn(services, value);
}

/** @param id of one that is there (`isService`) */
export function serviceOf(id: string): ShownService {
  return services[id]!;
}

export function nameOfService(id: string): string {
  return serviceOf(id).name;
}

export function manageUrlOf(id: string): string | undefined {
  return manageUrls[id];
}

/** No inherited name is a scope [A41]. */
export function descriptionOf(scope: string, id: string): string | undefined {
  const descriptions = scopeDescriptions[id] ?? {};
  return Object.hasOwn(descriptions, scope) ? descriptions[scope] : undefined;
}
