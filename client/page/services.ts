import { isText } from "./values.ts";

/**
 * What the pages show of services. The build takes it from the owner's configuration and puts it into each page's script.
 * A fragment can only name one of them, so nobody can put words, logos or links on our pages by a link.
 */

export interface ShownService {
  name: string;
  /** Path of a logo on our own origin, where there is one. */
  icon?: string;
}

/** Set by the build: every service in the configuration, by its id. */
declare const SERVICES: Record<string, ShownService>;
/** Set by the build: the service's own page for ending access. */
declare const MANAGE_URLS: Record<string, string>;
/** Set by the build: English descriptions of scopes. */
declare const SCOPE_DESCRIPTIONS: Record<string, Record<string, string>>;

/** Set by the build: what access means where it is chosen when our client is installed, and the page to do that. */
declare const INSTALLATIONS: Record<string, { description: string; url?: string }>;

export function isService(value: unknown): value is string {
  return isText(value) && Object.hasOwn(SERVICES, value);
}

/** @param id of a known service (`isService`) */
export function serviceOf(id: string): ShownService {
  return SERVICES[id]!;
}

export function nameOfService(id: string): string {
  return serviceOf(id).name;
}

export function manageUrlOf(id: string): string | undefined {
  return MANAGE_URLS[id];
}

export function installationOf(id: string): { description: string; url?: string } | undefined {
  return INSTALLATIONS[id];
}

/** Our own scopes, for services that have none of these names. */
export const identityDescriptions = {
  openid: "Know who you are",
  profile: "Read your name and picture",
  email: "Read your email address",
};

/** Inherited names such as `constructor` are no scopes. */
export function descriptionOf(scope: string, id: string): string | undefined {
  const descriptions = SCOPE_DESCRIPTIONS[id] ?? {};
  return Object.hasOwn(descriptions, scope) ? descriptions[scope] : undefined;
}
