import { type ServiceRecord, serviceRecordSchema } from "../../../catalogue/schema.ts";
import { defaultVariables, fillVariables, matchesPattern } from "../../../catalogue/variables.ts";
import { describeSchemaIssue, type Issue, pathOf } from "../issues.ts";
import type { Entry } from "../service/entry.ts";
import { servicesFile } from "./file-names.ts";

type Variables = Record<string, string>;

interface FilledRecord {
  record: ServiceRecord | undefined;
  issues: Issue[];
}

/** Fills the owner's variables into the record's URLs. They decide where the client secret is sent. */
export function withVariables(key: string, record: ServiceRecord | undefined, entry: Entry): FilledRecord {
  const given = entry.variables ?? {};
  const issues = variableIssues(key, record, given);
  if (record?.url_variables === undefined || issues.length > 0) return { record, issues };

  const usual = defaultVariables(record);
  const variables = { ...defaultVariables(record, given), ...given };
  const missing = Object.keys(record.url_variables).filter((name) => !Object.hasOwn(variables, name));
  if (missing.length > 0) return withMissingVariables(key, record, entry, missing);

  const filled = fillVariables(record, variables);
  const isElsewhere = Object.entries(variables).some(([name, value]) => value !== usual[name]);
  // The issuer belongs to the usual host alone, and Madata's root is only for fixed public endpoints.
  const { issuer, authorization_response_iss_parameter_supported, ...others } = filled;
  const usable = isElsewhere ? { ...others, madata: false } : filled;
  return { record: usable, issues: filledRecordIssues(key, usable) };
}

function variableIssues(key: string, record: ServiceRecord | undefined, given: Variables): Issue[] {
  const declared = record?.url_variables ?? {};
  return Object.entries(given).flatMap(([name, value]) => {
    const path = pathOf(servicesFile, [key, "variables", name]);
    const variable = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (variable === undefined) {
      const known = Object.keys(declared).join(", ");
      const advice = known === "" ? 'Delete "variables".' : `Delete it. The known variables are ${known}.`;
      return [{ path, message: `the catalogue's "${key}" has no variable "${name}"`, advice }];
    }
    if (matchesPattern(value, variable.pattern)) return [];
    const advice = `Write something like "${name}": ${JSON.stringify(variable.example)}.`;
    return [{ path, message: `does not look like ${JSON.stringify(variable.example)}`, advice }];
  });
}

/** Variables without a value matter only if the owner has not written out both endpoints. */
function withMissingVariables(key: string, record: ServiceRecord, entry: Entry, missing: string[]): FilledRecord {
  const ownTokenEndpoint = entry.token_endpoint ?? entry.url;
  if (entry.authorization_endpoint !== undefined && ownTokenEndpoint !== undefined) return { record, issues: [] };
  const issues = missing.map((name) => {
    const example = JSON.stringify({ [name]: record.url_variables![name]!.example });
    return {
      path: pathOf(servicesFile, [key, "variables", name]),
      message: `is missing: ${record.name} runs on many hosts, and only you know which one you use`,
      advice: `Write something like "variables": ${example}.`,
    };
  });
  return { record, issues };
}

/** Values that match their patterns can still make an unusable URL. */
function filledRecordIssues(key: string, record: ServiceRecord): Issue[] {
  const result = serviceRecordSchema({ insecureLoopback: false }).safeParse(record);
  if (result.success) return [];
  const [issue] = result.error.issues;
  const message = `makes the catalogue's ${String(issue?.path[0])} invalid: it ${describeSchemaIssue(issue!)}`;
  const advice = "Write only the host name, as your browser shows it.";
  return [{ path: pathOf(servicesFile, [key, "variables"]), message, advice }];
}
