import { parseAllowedApps } from "../../../netlify/oauth/app-url.ts";
import { MIN_SEALING_KEY_CHARACTERS, parseSealingKeys, parseSwitch } from "../../../netlify/oauth/environment.ts";
import type { Environment } from "../../../netlify/oauth/provider.ts";
import type { Fault } from "./faults.ts";

/** What may be wrong with the provider's own environment variables. */

export function faultsOfEnvironment(env: Environment): Fault[] {
  return [...faultsOfSealingKey(env["SEALING_KEY"]), ...faultsOfAllowedApps(env), ...faultsOfLoopbackSwitch(env)];
}

function faultsOfSealingKey(value = ""): Fault[] {
  if (!parseSealingKeys(value).weak) return [];
  const reason = `has a key that is shorter than ${MIN_SEALING_KEY_CHARACTERS} characters, or a placeholder`;
  return [{ path: "SEALING_KEY", reason, advice: 'Set it to what "openssl rand -base64 48" prints.' }];
}

function faultsOfAllowedApps(env: Environment): Fault[] {
  return parseAllowedApps(env["ALLOWED_APPS"] ?? "").faults.map((fault) => {
    const [reason = fault, advice = ""] = fault.split(/(?<=\.) (?=Write )/);
    return { path: "ALLOWED_APPS", reason, advice };
  });
}

/** Anything but `false` leaves the door open, so a misspelled `False` must not pass silently [A50]. */
function faultsOfLoopbackSwitch(env: Environment): Fault[] {
  if (parseSwitch(env["ALLOW_LOOPBACK"] ?? "") !== undefined) return [];
  return [{ path: "ALLOW_LOOPBACK", reason: "is neither true nor false", advice: "Set it to true or false." }];
}

export function faultsOfBuild({ production, localDevelopment }: { production: boolean; localDevelopment: boolean }): Fault[] {
  if (!production || !localDevelopment) return [];
  const reason = "a production build must not carry the mark of local development, which accepts plain http";
  return [{ path: "CONTEXT", reason, advice: "Build with either CONTEXT=production or local development." }];
}
