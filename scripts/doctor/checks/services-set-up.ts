import {
  clientIdVariable,
  clientSecretVariable,
  previousSecretVariable,
} from "../../../server/provider/environment.ts";
import { secretsFile, servicesFile } from "../../configuration/files/file-names.ts";
import { type Issue, pathOf } from "../../configuration/issues.ts";
import { type Check, type CheckContext, type Finding, warningFinding } from "../check.ts";

/** Missing credentials are only warnings, because Netlify may have them. Entries as in the template are only named. */
export const servicesSetUp: Check = {
  id: "set-up",
  description: "Every service that you have begun to set up is complete",
  async run(context) {
    if (context.report.issues.length > 0) return { skipped: "the configuration is invalid" };
    const why = "The home page and /services.json omit such a service, and apps cannot log in with it.";
    const findings = incompleteOf(context).map(({ path, message, advice }) =>
      warningFinding(`${path}: ${message}`, why, advice),
    );
    return {
      findings: [...findings, ...nothingSetUp(context)],
      facts: [...offeredFacts(context), ...untouchedFacts(context)],
    };
  },
};

function incompleteOf({ report, onlyService }: CheckContext): Issue[] {
  const { unavailable, warnings, configuration } = report;
  const found = [...unavailable, ...warnings.filter(({ path }) => /_CLIENT_(ID|SECRET)$/.test(path))];
  const service = configuration.services.find(({ id }) => id === onlyService);
  if (service === undefined) return found;
  const places = [servicesFile, secretsFile].map((file) => pathOf(file, [service.key]));
  const variables = [clientIdVariable, clientSecretVariable, previousSecretVariable].map((name) => name(service.id));
  const isOwn = (path: string): boolean => places.some((place) => path === place || path.startsWith(`${place}.`));
  return found.filter(({ path }) => path === "SEALING_KEY" || variables.includes(path) || isOwn(path));
}

/** A fresh copy. */
function nothingSetUp({ report, onlyService }: CheckContext): Finding[] {
  if (onlyService !== undefined || report.untouched.length < report.configuration.services.length) return [];
  return [warningFinding("No service is set up yet", "Nobody can log in.", "npm run add-service")];
}

function offeredFacts({ provider, onlyService }: CheckContext): string[] {
  const offered = [...(provider?.services.values() ?? [])].filter(
    ({ id }) => onlyService === undefined || id === onlyService,
  );
  return offered.length === 0 ? [] : [`ready: ${offered.map(({ name }) => name).join(", ")}`];
}

function untouchedFacts({ report, onlyService }: CheckContext): string[] {
  if (onlyService !== undefined || report.untouched.length === 0) return [];
  return [`not set up: ${report.untouched.join(", ")}`];
}
