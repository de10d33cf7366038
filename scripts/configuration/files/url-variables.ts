import { type ServiceRecord, serviceRecordSchema } from "../../../catalogue/schema.ts";
import { defaultVariables, fillVariables, matchesPattern } from "../../../catalogue/variables.ts";
import { type Fault, pathOf, reasonOf } from "../issues.ts";
import type { Entry } from "../service/entry.ts";
import { servicesFile } from "./file-names.ts";

type Variables = Record<string, string>;

interface FilledRecord {
  record: ServiceRecord | undefined;
  faults: Fault[];
}

/** The record with the owner's variables in its URLs: they decide where the client secret is sent [A12]. */
export function withVariables(key: string, record: ServiceRecord | undefined, entry: Entry): FilledRecord {
  const given = entry.variables ?? {};
  const faults = faultsOfVariables(key, record, given);
  if (record?.url_variables === undefined || faults.length > 0) return { record, faults };

  const usual = defaultVariables(record);
  const variables = { ...defaultVariables(record, given), ...given };
  const missing = Object.keys(record.url_variables).filter((name) => !Object.hasOwn(variables, name));
  if (missing.length > 0) return withoutVariables(key, record, entry, missing);

  const filled = fillVariables(record, variables);
  const isElsewhere = Object.entries(variables).some(([name, value]) => value !== usual[name]);
  // What belongs to the usual host alone, and Madata's root, which is for fixed public endpoints [A23].
  const { issuer, authorization_response_iss_parameter_supported, ...others } = filled;
  const usable = isElsewhere ? { ...others, madata: false } : filled;
  return { record: usable, faults: faultsOfFilledRecord(key, usable) };
}

function faultsOfVariables(key: string, record: ServiceRecord | undefined, given: Variables): Fault[] {
  const declared = record?.url_variables ?? {};
  return Object.entries(given).flatMap(([name, value]) => {
    const path = pathOf(servicesFile, [key, "variables", name]);
    const variable = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (variable === undefined) {
      const known = Object.keys(declared).join(", ");
      const advice = known === "" ? 'Delete "variables".' : `Delete it. The known variables are ${known}.`;
      return [{ path, reason: `the catalogue's "${key}" has no variable "${name}"`, advice }];
    }
    if (matchesPattern(value, variable.pattern)) return [];
    const advice = `Write something like "${name}": ${JSON.stringify(variable.example)}.`;
    return [{ path, reason: `does not look like ${JSON.stringify(variable.example)}`, advice }];
  });
}

/** Variables without a value matter only where the owner has not written all endpoints out. */
function withoutVariables(key: string, record: ServiceRecord, entry: Entry, missing: string[]): FilledRecord {
  const ownTokenEndpoint = entry.token_endpoint ?? entry.url;
  if (entry.authorization_endpoint !== undefined && ownTokenEndpoint !== undefined) return { record, faults: [] };
  const faults = missing.map((name) => {
    const example = JSON.stringify({ [name]: record.url_variables![name]!.example });
    return {
      path: pathOf(servicesFile, [key, "variables", name]),
      reason: `is missing: ${record.name} runs on many hosts, and only you know which one is meant`,
      advice: `Write something like "variables": ${example}.`,
    };
  });
  return { record, faults };
}

/** The pattern is about one value; whether a usable URL comes of it, only the URL can tell. */
function faultsOfFilledRecord(key: string, record: ServiceRecord): Fault[] {
  const result = serviceRecordSchema({ insecureLoopback: false }).safeParse(record);
  if (result.success) return [];
  const [issue] = result.error.issues;
  const reason = `makes the catalogue's ${String(issue?.path[0])} unusable: it ${reasonOf(issue!)}`;
  const advice = "Write the plain name of the host, as your browser shows it.";
  return [{ path: pathOf(servicesFile, [key, "variables"]), reason, advice }];
}
