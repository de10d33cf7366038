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
import { isObject, isText, only } from "./values.ts";
import type { Reader } from "./values.ts";

const maximumNameCharacters = 100;

type Readers<Fields> = { [Name in keyof Fields]: Reader<Fields[Name]> };

const text = only(isText);
const flag = only(isBoolean);
const exactOrigin = only(isExactOrigin);

/** The fragment of `/confirm`, with whatever tells who asks. */
export function readLogin<Who>(value: unknown, who: Readers<Who>) {
  const login = {
    ticket: text,
    service: readService,
    scopes: readScopes,
    scopesMerged: flag,
    offline: flag,
    delivery: only(isDelivery),
    canNavigate: flag,
    refused: flag,
    unknownStart: flag,
    lifetimeSeconds: only(isFiniteNumber),
  };
  return read(value, { ...login, ...who }, { holding: text, claimedHost: text });
}

/** The fragment of `/confirm` as a question about an app that is known, or `undefined`. */
export function readQuestion(value: unknown): Question | undefined {
  return readLogin(value, { origin: exactOrigin });
}

/** The fragment of `/confirm` as a question about an app that has to name itself yet, or `undefined`. */
export function readUnnamedQuestion(value: unknown): UnnamedQuestion | undefined {
  return readLogin(value, { handshake: only(isHandshake) });
}

/** The fragment of `/start` as a question, or `undefined`. */
export function readStartQuestion(value: unknown): StartQuestion | undefined {
  const question = read(value, { request: text, origin: exactOrigin, redirectUri: text, service: readService });
  if (question === undefined || !URL.canParse(question.redirectUri)) return undefined;
  return new URL(question.redirectUri).origin === question.origin ? question : undefined;
}

/** The fragment of `/holding`, or `undefined`. */
export function readHoldingQuestion(value: unknown): HoldingQuestion | undefined {
  const question = read(value, { request: text, holding: text, service: readService }, { origin: exactOrigin });
  // One that is not exact is not the same as none.
  return isObject(value) && question?.origin === value.origin ? question : undefined;
}

/** The fragment of `/returned`, or `undefined`. */
export function readReturned(value: unknown): Returned | undefined {
  const question: Reader<Returned["question"]> = (value) => readQuestion(value) ?? readUnnamedQuestion(value);
  return read(value, { holding: text, service: readService, question });
}

/** The fragment of `/sign-out`, or `undefined`. */
export function readSignOutQuestion(value: unknown): SignOutQuestion | undefined {
  return read(value, { ticket: text, service: readService, refused: flag, lifetimeSeconds: only(isFiniteNumber) });
}

function readService(value: unknown): ShownService | undefined {
  return read(value, { id: only(isServiceId), name: only(isName) }, { icon: text, manageUrl: text });
}

/** `null` is an answer, too. */
function readScopes(value: unknown): ShownScope[] | null | undefined {
  if (value === null) return null;
  if (!Array.isArray(value)) return undefined;
  const scopes = value.map(readScope);
  return scopes.includes(undefined) ? undefined : (scopes as ShownScope[]);
}

function readScope(value: unknown): ShownScope | undefined {
  return read(value, { value: text }, { description: text });
}

/** An object of fields that are all right. Optional ones that are not are left out. Only named fields are copied [A41]. */
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

/** It becomes part of a path. */
function isServiceId(value: unknown): value is string {
  return isText(value) && /^[a-z0-9-]+$/.test(value);
}

function isName(value: unknown): value is string {
  return isText(value) && value.length <= maximumNameCharacters;
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
