import type { Question, ShownScope, ShownService, StartQuestion } from "../netlify/oauth/question.ts";
import { isExactOrigin } from "./origin.ts";

const maximumNameCharacters = 100;

type Fields = Record<string, unknown>;

/** The fragment of `/confirm` as a question, or `undefined`. Only named fields are copied [A41]. */
export function readQuestion(value: unknown): Question | undefined {
  if (!isObject(value)) return undefined;
  const { ticket, origin, scopesMerged, offline, delivery, canNavigate, refused, unknownStart, lifetimeSeconds } = value;
  const service = readService(value.service);
  const scopes = value.scopes === null ? null : readScopes(value.scopes);
  if (!isText(ticket) || !isExactOrigin(origin)) return undefined;
  if (service === undefined || scopes === undefined) return undefined;
  if (delivery !== "message" && delivery !== "navigation") return undefined;
  if (!isBoolean(canNavigate) || !isBoolean(refused) || !isBoolean(unknownStart)) return undefined;
  if (!isBoolean(scopesMerged) || !isBoolean(offline)) return undefined;
  if (typeof lifetimeSeconds !== "number" || !Number.isFinite(lifetimeSeconds)) return undefined;
  return {
    ticket,
    origin,
    service,
    scopes,
    scopesMerged,
    offline,
    delivery,
    canNavigate,
    refused,
    unknownStart,
    lifetimeSeconds,
  };
}

/** The fragment of `/start` as a question, or `undefined`. */
export function readStartQuestion(value: unknown): StartQuestion | undefined {
  if (!isObject(value)) return undefined;
  const { request, origin, redirectUri } = value;
  const service = readService(value.service);
  if (!isText(request) || !isExactOrigin(origin) || !isText(redirectUri)) return undefined;
  if (service === undefined) return undefined;
  if (!URL.canParse(redirectUri) || new URL(redirectUri).origin !== origin) return undefined;
  return { request, origin, redirectUri, service };
}

function readService(value: unknown): ShownService | undefined {
  if (!isObject(value)) return undefined;
  const { id, name, icon, manageUrl } = value;
  // The id becomes part of a path.
  if (!isText(id) || !/^[a-z0-9-]+$/.test(id)) return undefined;
  if (!isText(name) || name.length > maximumNameCharacters) return undefined;
  return { id, name, ...(isText(icon) && { icon }), ...(isText(manageUrl) && { manageUrl }) };
}

function readScopes(value: unknown): ShownScope[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const scopes = value.map(readScope);
  return scopes.includes(undefined) ? undefined : (scopes as ShownScope[]);
}

function readScope(scope: unknown): ShownScope | undefined {
  if (!isObject(scope) || !isText(scope.value)) return undefined;
  return { value: scope.value, ...(isText(scope.description) && { description: scope.description }) };
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}
