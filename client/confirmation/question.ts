import type {
  Question,
  Returned,
  SignOutQuestion,
  StartQuestion,
  UnnamedQuestion,
  WaitingQuestion,
} from "../../shared/page-messages.ts";
import { isScopeToken } from "../../shared/scopes.ts";
import { identityDescriptions, isService } from "../page/services.ts";
import type { Reader } from "../page/values.ts";
import { isObject, isText, only } from "../page/values.ts";
import { isHandshake } from "./handshake.ts";
import { isExactAddress, isExactOrigin } from "./origin.ts";

/**
 * Reads the fragments of the pages. Anybody can write one and link to it, so a page takes from it only values of fixed
 * forms: an origin or a host as browsers spell it, an id, a number, a flag, the name of a scope. None of them can carry a
 * sentence, so nobody can put words on our pages.
 */

type Readers<Fields> = { [Name in keyof Fields]: Reader<Fields[Name]> };

const text = only(isText);
const flag = only(isBoolean);
const exactOrigin = only(isExactOrigin);
const service = only(isService);

/** The fragment of `/confirm`, with the fields that tell which app asks. */
function readLogin<Who>(value: unknown, who: Readers<Who>) {
  const login = {
    ticket: text,
    service,
    scopes: only(isScopes),
    scopesMerged: flag,
    offline: flag,
    delivery: only(isDelivery),
    refused: flag,
    unknownStart: flag,
    lifetimeSeconds: only(isFiniteNumber),
    canStartAgain: flag,
  };
  const question = read(
    value,
    { ...login, ...who },
    { identity: only(isIdentity), waitingWindow: text, claimedHost: only(isExactHost), redirectUri: text },
  );
  return question !== undefined && isDeliverable(question) ? question : undefined;
}

/** A navigation needs a page of the app, which nobody knows before the app has identified itself. */
function isDeliverable({ origin, delivery, redirectUri }: Partial<Question>): boolean {
  if (redirectUri === undefined) return delivery === "message";
  return origin !== undefined && isExactAddress(redirectUri, origin);
}

/** The fragment of `/confirm` about an app whose origin is known, or `undefined`. */
export function readQuestion(value: unknown): Question | undefined {
  return readLogin(value, { origin: exactOrigin });
}

/** The fragment of `/confirm` about an app that has to identify itself by a handshake, or `undefined`. */
export function readUnnamedQuestion(value: unknown): UnnamedQuestion | undefined {
  return readLogin(value, { handshake: only(isHandshake) });
}

/** The fragment of `/start`, or `undefined`. */
export function readStartQuestion(value: unknown): StartQuestion | undefined {
  const question = read(
    value,
    { request: text, origin: exactOrigin, redirectUri: text, service },
    { inWaitingWindow: readWaitingQuestion },
  );
  return question !== undefined && isExactAddress(question.redirectUri, question.origin) ? question : undefined;
}

/** The fragment of `/waiting`, or `undefined`. */
export function readWaitingQuestion(value: unknown): WaitingQuestion | undefined {
  const question = read(
    value,
    { request: text, waitingWindow: text, service },
    { origin: exactOrigin, redirectUri: text },
  );
  // An origin or address in another spelling must not be read as none.
  if (!isObject(value) || question?.origin !== value.origin || question?.redirectUri !== value.redirectUri) return;
  return question !== undefined && isReturnOf(question) ? question : undefined;
}

/** Without an app that is known already, there is no page of the app either. */
function isReturnOf({ origin, redirectUri }: WaitingQuestion): boolean {
  if (redirectUri === undefined) return true;
  return origin !== undefined && isExactAddress(redirectUri, origin);
}

/** The fragment of `/returned`, or `undefined`. */
export function readReturned(value: unknown): Returned | undefined {
  const question: Reader<Returned["question"]> = (value) => readQuestion(value) ?? readUnnamedQuestion(value);
  return read(value, { waitingWindow: text, service, question });
}

/** The fragment of `/sign-out`, or `undefined`. */
export function readSignOutQuestion(value: unknown): SignOutQuestion | undefined {
  return read(value, { ticket: text, service, refused: flag, lifetimeSeconds: only(isFiniteNumber) });
}

/**
 * An object with all required fields, or `undefined`. An optional field with a wrong value is left out. Only named fields
 * are copied, so `__proto__` and the like get nowhere.
 */
function read<Required, Optional = unknown>(
  value: unknown,
  required: Readers<Required>,
  optional?: Readers<Optional>,
): (Required & Partial<Optional>) | undefined {
  if (!isObject(value)) return undefined;
  const copy: Record<string, unknown> = {};
  for (const [name, readField] of Object.entries<Reader<unknown>>({ ...optional, ...required })) {
    const field = readField(value[name]);
    if (field !== undefined) copy[name] = field;
    else if (name in required) return undefined;
  }
  return copy as Required & Partial<Optional>;
}

/** `null`: whatever the service has granted. */
function isScopes(value: unknown): value is string[] | null {
  return value === null || (Array.isArray(value) && value.every((scope) => isText(scope) && isScopeToken(scope)));
}

function isIdentity(value: unknown): value is NonNullable<Question["identity"]> {
  return Array.isArray(value) && value.every((scope) => isText(scope) && Object.hasOwn(identityDescriptions, scope));
}

function isExactHost(value: unknown): value is string {
  return isText(value) && isExactOrigin(`https://${value}`);
}

function isDelivery(value: unknown): value is Question["delivery"] {
  return value === "message" || value === "navigation";
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}
