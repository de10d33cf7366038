import { randomBytes } from "node:crypto";
import * as errors from "../../../server/answers/error-catalogue.ts";
import { type ErrorDefinition, OAuthError } from "../../../server/answers/errors.ts";
import { callbackUri, type OfferedService, type Provider } from "../../../server/provider/provider.ts";
import { exchangeCode } from "../../../server/upstream/exchange.ts";
import { type Check, type Finding, notice, problem } from "../check.ts";

/** What a service said to a token request with a code that nobody ever got. */
export type Verdict =
  /** It looked at the code: it knows us. */
  | "accepted"
  | "refused"
  /** It says the same to a secret that is surely wrong. */
  | "indifferent"
  | "no answer";

/** Enough for a service to look the code up and find nothing. */
const INVALID_CODE = "this-code-was-never-issued";

/**
 * Tells a wrong secret from a right one without anybody logging in (RFC 6749 §5.2): to a code that does not exist, a
 * service answers `invalid_client` if it does not know the secret, and `invalid_grant` if it does. Nothing of what the
 * service says is shown, and nothing changes there.
 */
export const credentialsAccepted: Check = {
  id: "credentials",
  description: "The services accept the client IDs and secrets that are here",
  async run({ provider, probe, onlyService }) {
    if (!probe) return { skipped: "ask for it with --probe: it sends a token request to each service" };
    const services = [...(provider?.services.values() ?? [])].filter(
      ({ id }) => onlyService === undefined || id === onlyService,
    );
    if (!provider || services.length === 0)
      return { skipped: "no service has both its client ID and secret on this computer" };

    const results = await Promise.all(
      services.map(async (service) => ({ service, verdict: await probeService(service, provider) })),
    );
    const accepted = results.filter(({ verdict }) => verdict === "accepted").map(({ service }) => service.name);
    return {
      findings: results
        .map(({ service, verdict }) => findingOf(service, verdict, provider))
        .filter((finding) => finding !== undefined),
      facts: accepted.length === 0 ? [] : [`accepted by ${accepted.join(", ")}`],
    };
  },
};

async function probeService(service: OfferedService, provider: Provider): Promise<Verdict> {
  const reason = await reasonFor(service, provider);
  if (reason === errors.service_refused_provider) return "refused";
  if (reason !== errors.service_refused_grant) return "no answer";
  if (service.clientSecret === undefined) return "accepted";

  // Some services look at the code first. Then the answer says nothing about the secret.
  const wrongSecret = randomBytes(service.clientSecret.length).toString("hex").slice(0, service.clientSecret.length);
  const control = await reasonFor({ ...service, clientSecret: wrongSecret }, provider);
  return control === errors.service_refused_grant ? "indifferent" : "accepted";
}

async function reasonFor(service: OfferedService, provider: Provider): Promise<ErrorDefinition | undefined> {
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

function findingOf(service: OfferedService, verdict: Verdict, provider: Provider): Finding | undefined {
  switch (verdict) {
    case "accepted":
      return undefined;
    case "refused":
      return problem(
        `${service.name} refuses the client ID or the client secret`,
        "Every login would end with an error after the person has agreed to it.",
        `Copy both again from the service: npm run add-service -- ${service.id}   ` +
          `(there, ${callbackUri({ provider, service })} must be registered as redirect URI)`,
      );
    case "indifferent":
      return notice(
        `${service.name} gives the same answer to a wrong secret, so nothing is known about yours`,
        "It looks at the code before it looks at the secret.",
        "Try a login: npm run dev",
      );
    case "no answer":
      return notice(
        `${service.name} did not answer in a way that tells whether it accepts the client secret`,
        "It may be down, unreachable from here, or use other error codes than OAuth has.",
        "npm run doctor -- --probe   in a few minutes, or try a login: npm run dev",
      );
  }
}
