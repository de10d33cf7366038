import { parseAppUrl } from "../../shared/app-url.ts";
import { isKeyMaterial, withoutSurroundings } from "./placeholder.ts";
import type { Environment } from "./provider.ts";

/** Environment variables: what those of a service are called, and how the provider's own are read. */

export function clientIdVariable(id: string): string {
  return `${prefixOf(id)}_CLIENT_ID`;
}

export function clientSecretVariable(id: string): string {
  return `${prefixOf(id)}_CLIENT_SECRET`;
}

/** What a client secret was before it was changed. */
export function previousSecretVariable(id: string): string {
  return `${clientSecretVariable(id)}_PREVIOUS`;
}

function prefixOf(id: string): string {
  return id.toUpperCase().replaceAll("-", "_");
}

/** What a variable holds; empty, if it is unset. What holds nothing but surroundings was set, and must not pass for unset [A50]. */
export function readVariable(env: Environment, name: string): string {
  const value = env[name] ?? "";
  return withoutSurroundings(value) || value;
}

/** `URL`. `undefined`: it is more than an origin, or plain http on another computer than this. */
export function parseProviderOrigin(value: string): string | undefined {
  const url = parseAppUrl(value);
  return url && url.href === `${url.origin}/` ? url.origin : undefined;
}

/**
 * `SEALING_KEY`. The first key seals, so it must be random bytes. Those after it only open: they may be client secrets, from
 * which keys were derived before. One that is not good, or none in what is not empty, makes the list useless [A50].
 */
export function parseSealingKeys(value: string): { keys: string[]; weak: boolean } {
  const keys = withoutSurroundings(value)
    .split(/[\s,]+/)
    .filter((key) => key !== "");
  const [first = "", ...others] = keys;
  const sound =
    isRandom(first) && others.every((key) => key.length >= MIN_SEALING_KEY_CHARACTERS && isKeyMaterial(key));
  return { keys, weak: value !== "" && !sound };
}

/** Shorter keys could be found by trying. */
const MIN_SEALING_KEY_CHARACTERS = 32;

/** {@link parseSealingKeys}, for people. */
export const SEALING_KEY_RULE =
  `the first is random bytes in hex or in base64 (with capital and small letters), each has ${MIN_SEALING_KEY_CHARACTERS} characters or more, ` +
  "and none repeats itself, counts or holds a common word";

/**
 * What programs for random bytes print. Base64 has letters of both cases, where a phrase has only small ones; of a
 * thousand million keys with 43 random characters, one would have not.
 */
const HEX = /^(?:[0-9a-f]{32,}|[0-9A-F]{32,})$/;
const BASE64 = /^(?=.*[a-z])(?=.*[A-Z])[\w+/-]{32,}={0,2}$/;

function isRandom(key: string): boolean {
  return (HEX.test(key) || BASE64.test(key)) && isKeyMaterial(key);
}

/** On, unless switched off. `undefined`: a word that is neither, which is not taken for consent. */
export function parseSwitch(value: string): boolean | undefined {
  if (value === "" || value === "true") return true;
  return value === "false" ? false : undefined;
}
