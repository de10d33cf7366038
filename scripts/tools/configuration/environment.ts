import { parseAllowedApps } from "../../../netlify/oauth/app-url.ts";
import { isPlaceholder } from "../../../netlify/oauth/placeholder.ts";
import { MIN_SEALING_KEY_CHARACTERS, type Environment } from "../../../netlify/oauth/provider.ts";
import type { Fault } from "./faults.ts";

/** Environment variables: what those of a service are called, and what may be wrong with the provider's own. */

export function clientIdVariable(id: string): string {
  return `${prefixOf(id)}_CLIENT_ID`;
}

export function clientSecretVariable(id: string): string {
  return `${prefixOf(id)}_CLIENT_SECRET`;
}

function prefixOf(id: string): string {
  return id.toUpperCase().replaceAll("-", "_");
}

export function faultsOfEnvironment(env: Environment): Fault[] {
  return [...faultsOfSealingKey(env["SEALING_KEY"]), ...faultsOfAllowedApps(env), ...faultsOfLoopbackSwitch(env)];
}

function faultsOfSealingKey(value = ""): Fault[] {
  const keys = value.split(/[\s,]+/).filter((key) => key !== "");
  const weak = keys.some((key) => key.length < MIN_SEALING_KEY_CHARACTERS || isPlaceholder(key));
  if (!weak) return [];
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
  const value = env["ALLOW_LOOPBACK"] ?? "";
  if (["", "true", "false"].includes(value)) return [];
  return [{ path: "ALLOW_LOOPBACK", reason: "is neither true nor false", advice: "Set it to true or false." }];
}

export function faultsOfBuild({ production, localDevelopment }: { production: boolean; localDevelopment: boolean }): Fault[] {
  if (!production || !localDevelopment) return [];
  const reason = "a production build must not carry the mark of local development, which accepts plain http";
  return [{ path: "CONTEXT", reason, advice: "Build with either CONTEXT=production or local development." }];
}
