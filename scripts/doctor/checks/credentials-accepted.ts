import { randomBytes } from "node:crypto";
import * as errors from "../../../server/answers/error-catalogue.ts";
import { type ErrorDefinition, OAuthError } from "../../../server/answers/errors.ts";
import { callbackUri, type OfferedService, type Provider } from "../../../server/provider/provider.ts";
import { exchangeCode } from "../../../server/upstream/exchange.ts";
import { type Check, errorFinding, type Finding, warningFinding } from "../check.ts";

/** How a service answered a token request for a code that was never issued. */
export type ProbeResult =
  /** The service rejected only the code, so it accepts the credentials. */
  | "accepted"
  | "rejected"
  /** The service gives the same answer for a wrong secret. */
  | "inconclusive"
  | "no answer";

const INVALID_CODE = "this-code-was-never-issued";

/**
 * Checks a client secret without a login (RFC 6749 §5.2). For a code that does not exist, a service answers
 * `invalid_client` if the secret is wrong, and `invalid_grant` if it is right. Nothing that the service says is printed,
 * and nothing changes there.
 */
export const credentialsAccepted: Check = {
  id: "credentials",
  description: "The services accept the client IDs and secrets on this computer",
  async run({ provider, probe, onlyService }) {
    if (!probe) return { skipped: "only checked with --probe, which sends a token request to each service" };
    const services = [...(provider?.services.values() ?? [])].filter(
      ({ id }) => onlyService === undefined || id === onlyService,
    );
    if (!provider || services.length === 0)
      return { skipped: "no service has both its client ID and its secret on this computer" };

    const results = await Promise.all(
      services.map(async (service) => ({ service, result: await probeService(service, provider) })),
    );
    const accepted = results.filter(({ result }) => result === "accepted").map(({ service }) => service.name);
    return {
      findings: results
        .map(({ service, result }) => findingFor(service, result, provider))
        .filter((finding) => finding !== undefined),
      facts: accepted.length === 0 ? [] : [`accepted by ${accepted.join(", ")}`],
    };
  },
};

async function probeService(service: OfferedService, provider: Provider): Promise<ProbeResult> {
  const error = await errorOfExchange(service, provider);
  if (error === errors.service_refused_provider) return "rejected";
  if (error !== errors.service_refused_grant) return "no answer";
  if (service.clientSecret === undefined) return "accepted";

  // Some services check the code first. Their answer says nothing about the secret.
  const wrongSecret = randomBytes(service.clientSecret.length).toString("hex").slice(0, service.clientSecret.length);
  const control = await errorOfExchange({ ...service, clientSecret: wrongSecret }, provider);
  return control === errors.service_refused_grant ? "inconclusive" : "accepted";
}

async function errorOfExchange(service: OfferedService, provider: Provider): Promise<ErrorDefinition | undefined> {
  const codeVerifier =
    service.codeChallengeMethod === "none" ? {} : { codeVerifier: randomBytes(32).toString("base64url") };
  try {
    const code = { code: INVALID_CODE, redirectUri: callbackUri({ provider, service }), ...codeVerifier };
    await exchangeCode(service, code, null);
    return undefined;
  } catch (error) {
    if (error instanceof OAuthError) return error.definition;
    throw error;
  }
}

function findingFor(service: OfferedService, result: ProbeResult, provider: Provider): Finding | undefined {
  switch (result) {
    case "accepted":
      return undefined;
    case "rejected":
      return errorFinding(
        `${service.name} rejects the client ID or the client secret`,
        "Every login would fail after the person has confirmed it.",
        `Copy both again from the service: npm run add-service -- ${service.id}   ` +
          `(the redirect URI ${callbackUri({ provider, service })} must be registered there)`,
      );
    case "inconclusive":
      return warningFinding(
        `${service.name} gives the same answer for a wrong secret, so yours could not be checked`,
        "It checks the code before it checks the secret.",
        "Try a login: npm run dev",
      );
    case "no answer":
      return warningFinding(
        `The answer of ${service.name} does not show whether it accepts the client secret`,
        "It may be down, unreachable from here, or use error codes that are not OAuth's.",
        "Run npm run doctor -- --probe again in a few minutes, or try a login: npm run dev",
      );
  }
}
