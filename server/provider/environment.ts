import { parseAppUrl } from "../../shared/app-url.ts";
import { isKeyMaterial, trimPasted } from "./placeholder.ts";

/** Environment variables, as the host passes them to a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

export function clientIdVariable(id: string): string {
  return `${prefixOf(id)}_CLIENT_ID`;
}

export function clientSecretVariable(id: string): string {
  return `${prefixOf(id)}_CLIENT_SECRET`;
}

/** The client secret from before the last change. */
export function previousSecretVariable(id: string): string {
  return `${clientSecretVariable(id)}_PREVIOUS`;
}

function prefixOf(id: string): string {
  return id.toUpperCase().replaceAll("-", "_");
}

/**
 * The value of a variable; empty if it is not set. A variable that holds only spaces or quotes was set to something, so its
 * value is kept and must be rejected later: it must not count as "not set", which may allow more.
 */
export function readVariable(env: Environment, name: string): string {
  const value = env[name] ?? "";
  return trimPasted(value) || value;
}

/** Reads `URL`. `undefined`: it is not an origin, or it is plain http on another computer. */
export function parseProviderOrigin(value: string): string | undefined {
  const url = parseAppUrl(value);
  return url && url.href === `${url.origin}/` ? url.origin : undefined;
}

/**
 * Reads `SEALING_KEY`. The first key seals, so it must be random bytes. The others only open: they may be client secrets
 * that keys were derived from before. One bad key, or a value without any key, makes the whole list `weak`.
 */
export function parseSealingKeys(value: string): { keys: string[]; weak: boolean } {
  const keys = trimPasted(value)
    .split(/[\s,]+/)
    .filter((key) => key !== "");
  const [first = "", ...others] = keys;
  const strong =
    isRandom(first) && others.every((key) => key.length >= MIN_SEALING_KEY_CHARACTERS && isKeyMaterial(key));
  return { keys, weak: value !== "" && !strong };
}

/** Shorter keys could be found by trying. */
const MIN_SEALING_KEY_CHARACTERS = 32;

/** The rule of {@link parseSealingKeys} in words, for messages. */
export const SEALING_KEY_RULE =
  `the first is random bytes in hex or in base64 (with capital and small letters), each has ${MIN_SEALING_KEY_CHARACTERS} characters or more, ` +
  "and none repeats itself, counts or holds a common word";

/**
 * The output of programs that print random bytes. Base64 must have letters of both cases, which keeps out phrases in small
 * letters. Of 43 random characters, fewer than one in a thousand million has letters of one case only.
 */
const HEX = /^(?:[0-9a-f]{32,}|[0-9A-F]{32,})$/;
const BASE64 = /^(?=.*[a-z])(?=.*[A-Z])[\w+/-]{32,}={0,2}$/;

function isRandom(key: string): boolean {
  return (HEX.test(key) || BASE64.test(key)) && isKeyMaterial(key);
}

/** A switch that is on unless it is `false`. `undefined`: neither `true` nor `false`, which must not count as consent. */
export function parseSwitch(value: string): boolean | undefined {
  if (value === "" || value === "true") return true;
  return value === "false" ? false : undefined;
}
