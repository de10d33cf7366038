import type { RegistrationCondition } from "./schema/registration.ts";
import type { ServiceRecord } from "./schema.ts";

/** What an owner should know before registering an app at a service, in words. */

const CONDITIONS: Record<RegistrationCondition, string> = {
  closed: "The service accepts no new apps.",
  approval: "The service must approve your app before anybody can log in.",
  review: "Until the service has reviewed your app, only you and a limited number of people can log in.",
  paid_account: "You need a paid account.",
  pay_per_use: "The service charges for requests to its API.",
  business_account: "You need a business account.",
  verified_identity: "You must prove your identity to the service first.",
  administrator: "Only an administrator can register an app.",
  installation: "An administrator must install the app before others can log in.",
};

type Registration = Pick<ServiceRecord, "registration_conditions" | "redirect_uri_rules">;
type RedirectUriRules = NonNullable<ServiceRecord["redirect_uri_rules"]>;

export function registrationConditions({ registration_conditions: conditions = [] }: Registration): string[] {
  return conditions.map((condition) => CONDITIONS[condition]);
}

/** `undefined`: nothing is known. */
export function redirectUriRules({ redirect_uri_rules: rules = {} }: Registration): string | undefined {
  const known = [
    spoken(rules.multiple, "several per app", "one per app"),
    spoken(rules.exact_match, "exactly as registered", "may differ from the registered one"),
    schemeRule(rules),
    spoken(rules.localhost, undefined, "no http://localhost"),
    spoken(rules.loopback_ip, undefined, "no http://127.0.0.1"),
  ];
  return known.filter((rule) => rule !== undefined).join("; ") || undefined;
}

function spoken(rule: boolean | undefined, yes: string | undefined, no: string): string | undefined {
  if (rule === undefined) return undefined;
  return rule ? yes : no;
}

function schemeRule({ https_only: httpsOnly, localhost, loopback_ip: loopbackIp }: RedirectUriRules) {
  if (httpsOnly === false) return "https or http";
  const accepted = [localhost ? "http://localhost" : [], loopbackIp ? "http://127.0.0.1" : []].flat().join(" and ");
  if (httpsOnly) return accepted === "" ? "https only" : `https only, except ${accepted}`;
  return accepted === "" ? undefined : `also ${accepted}`;
}
