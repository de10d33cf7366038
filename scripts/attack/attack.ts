import { appCases } from "./app-cases.ts";
import { authorizeCases } from "./authorize-cases.ts";
import type { Case, Send, Target } from "./case.ts";
import { authorizePath, EVIL, startedByApp } from "./case.ts";
import { judge } from "./judge.ts";
import { returnCases } from "./return-cases.ts";
import { siteCases } from "./site-cases.ts";

export interface Finding {
  row: string;
  title: string;
  request: string;
  fault: string;
}

/** This provider cannot be tested. */
export class NoTarget extends Error {}

/** All attacks, for this target. */
export function allCases(target: Target): Case[] {
  return [...authorizeCases(target), ...returnCases(target), ...appCases(target), ...siteCases(target)];
}

/** @returns the findings; none if the provider withstands the attack */
export async function attempt(attack: Case, target: Target, send: Send): Promise<Finding[]> {
  const { row, title, request } = attack;
  const answer = await send(request);
  const where = `${request.method ?? "GET"} ${request.path.slice(0, 200)}`;
  return judge(attack, answer, target).map((fault) => ({ row, title, request: where, fault }));
}

/**
 * Finds the target as every app would: reads the list of services and starts a login.
 *
 * @throws {NoTarget}
 */
export async function aim(
  origin: string,
  send: Send,
  wanted: { service?: string | undefined; app: string },
): Promise<Target> {
  const { service, backend } = await chooseService(send, wanted.service);
  const target = { origin, service, backend, serviceOrigin: "", app: wanted.app };
  const { status, headers, text } = await send({ path: authorizePath(target), headers: startedByApp(target) });
  if (status === 403)
    throw new NoTarget(`The owner does not let ${wanted.app} use this provider. Name an app that may: --app https://…`);
  const location = URL.parse(headers.get("location") ?? "");
  if (status !== 302 || !location)
    throw new NoTarget(`A login at ${service} cannot begin: status ${status}. ${text.slice(0, 200)}`);
  if ([origin, wanted.app, EVIL].includes(location.origin))
    throw new NoTarget(`A login at ${service} begins at ${location.origin}.`);
  return { ...target, serviceOrigin: location.origin };
}

async function chooseService(send: Send, wanted: string | undefined): Promise<{ service: string; backend: string }> {
  const { status, text } = await send({ path: "/services.json" });
  const offered = status === 200 ? readServices(text) : [];
  const chosen = offered.find(({ service }) => wanted === undefined || service === wanted);
  if (chosen) return chosen;
  if (offered.length === 0)
    throw new NoTarget(
      `/services.json answers with status ${status} and lists no service: no login runs at this address.`,
    );
  throw new NoTarget(`It does not offer ${wanted}, but ${offered.map(({ service }) => service).join(", ")}.`);
}

function readServices(text: string): { service: string; backend: string }[] {
  try {
    return Object.entries(JSON.parse(text) as Record<string, { id: string; issuer?: string }>)
      .filter(([, { issuer }]) => issuer !== undefined)
      .map(([backend, { id }]) => ({ service: id, backend }));
  } catch {
    return [];
  }
}
