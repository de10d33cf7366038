import type {
  HoldingQuestion,
  Question,
  Returned,
  ShownScope,
  ShownService,
  SignOutQuestion,
  StartQuestion,
  UnnamedQuestion,
} from "../netlify/oauth/question.ts";
import { isHandshake } from "./handshake.ts";
import { isExactOrigin } from "./origin.ts";
import { isObject, isText } from "./values.ts";

const maximumNameCharacters = 100;

/** The fragment of `/confirm` as a question about an app that is known, or `undefined`. */
export function readQuestion(value: unknown): Question | undefined {
  const rest = readRest(value);
  if (rest === undefined || !isObject(value) || !isExactOrigin(value.origin)) return undefined;
  return { ...rest, origin: value.origin };
}

/** The fragment of `/confirm` as a question about an app that has to name itself yet, or `undefined`. */
export function readUnnamedQuestion(value: unknown): UnnamedQuestion | undefined {
  const rest = readRest(value);
  if (rest === undefined || !isObject(value) || !isHandshake(value.handshake)) return undefined;
  return { ...rest, handshake: value.handshake };
}

/** Only named fields are copied [A41]. */
function readRest(value: unknown): Omit<Question, "origin"> | undefined {
  if (!isObject(value)) return undefined;
  const { ticket, scopesMerged, offline, delivery, canNavigate, refused, unknownStart, lifetimeSeconds } = value;
  const { holding, claimedHost } = value;
  const service = readService(value.service);
  const scopes = value.scopes === null ? null : readScopes(value.scopes);
  if (!isText(ticket)) return undefined;
  if (service === undefined || scopes === undefined) return undefined;
  if (delivery !== "message" && delivery !== "navigation") return undefined;
  if (!isBoolean(canNavigate) || !isBoolean(refused) || !isBoolean(unknownStart)) return undefined;
  if (!isBoolean(scopesMerged) || !isBoolean(offline)) return undefined;
  if (typeof lifetimeSeconds !== "number" || !Number.isFinite(lifetimeSeconds)) return undefined;
  return {
    ticket,
    service,
    scopes,
    scopesMerged,
    offline,
    delivery,
    canNavigate,
    refused,
    unknownStart,
    lifetimeSeconds,
    ...(isText(holding) && { holding }),
    ...(isText(claimedHost) && { claimedHost }),
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

/** The fragment of `/holding`, or `undefined`. */
export function readHoldingQuestion(value: unknown): HoldingQuestion | undefined {
  if (!isObject(value)) return undefined;
  const { request, holding, origin } = value;
  const service = readService(value.service);
  if (!isText(request) || !isText(holding) || service === undefined) return undefined;
  if (origin !== undefined && !isExactOrigin(origin)) return undefined;
  return { request, holding, service, ...(origin !== undefined && { origin }) };
}

/** The fragment of `/returned`, or `undefined`. */
export function readReturned(value: unknown): Returned | undefined {
  if (!isObject(value) || !isText(value.holding)) return undefined;
  const service = readService(value.service);
  const question = readQuestion(value.question) ?? readUnnamedQuestion(value.question);
  return service && question && { holding: value.holding, service, question };
}

/** The fragment of `/sign-out`, or `undefined`. */
export function readSignOutQuestion(value: unknown): SignOutQuestion | undefined {
  if (!isObject(value)) return undefined;
  const { ticket, refused, lifetimeSeconds } = value;
  const service = readService(value.service);
  if (!isText(ticket) || service === undefined || !isBoolean(refused)) return undefined;
  if (typeof lifetimeSeconds !== "number" || !Number.isFinite(lifetimeSeconds)) return undefined;
  return { ticket, service, refused, lifetimeSeconds };
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

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}
