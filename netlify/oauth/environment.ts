import { isPlaceholder } from "./placeholder.ts";

/** Environment variables: what those of a service are called, and how the provider's own are read. */

/** Shorter keys could be found by trying. */
export const MIN_SEALING_KEY_CHARACTERS = 32;

export function clientIdVariable(id: string): string {
  return `${prefixOf(id)}_CLIENT_ID`;
}

export function clientSecretVariable(id: string): string {
  return `${prefixOf(id)}_CLIENT_SECRET`;
}

function prefixOf(id: string): string {
  return id.toUpperCase().replaceAll("-", "_");
}

/** `SEALING_KEY`. One key that is not good makes the whole list useless. */
export function parseSealingKeys(value: string): { keys: string[]; weak: boolean } {
  const keys = value.split(/[\s,]+/).filter((key) => key !== "");
  return { keys, weak: keys.some((key) => key.length < MIN_SEALING_KEY_CHARACTERS || isPlaceholder(key)) };
}

/** On, unless switched off. `undefined`: a word that is neither, which is not taken for consent. */
export function parseSwitch(value: string): boolean | undefined {
  if (value === "" || value === "true") return true;
  return value === "false" ? false : undefined;
}
