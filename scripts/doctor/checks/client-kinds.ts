import { type ClientKind, clientKindOf } from "../../../catalogue/client-kinds.ts";
import { loadCatalogue } from "../../../catalogue/load.ts";
import type { Service } from "../../../server/provider/service.ts";
import { type Check, type Finding, warningFinding } from "../check.ts";

/** Where a service registers several kinds of clients, the client ID tells which kind the owner has chosen. */
export const clientKinds: Check = {
  id: "client-kinds",
  description: "Each client ID is of a kind that is known at its service",
  async run({ report, onlyService }) {
    const services = report.configuration.services.filter(
      ({ id, clientId }) => clientId !== "" && (onlyService === undefined || id === onlyService),
    );
    const kinds = services.flatMap((service) => kindOf(service));
    if (kinds.length === 0) return { skipped: "no service that is set up has several kinds" };
    return {
      findings: kinds.flatMap(({ service, kind }) => findingsFor(service, kind)),
      facts: kinds.flatMap(({ service, kind }) => (kind ? `${service.name}: ${kind.name}. ${kind.notes}` : [])),
    };
  },
};

function kindOf(service: Service): { service: Service; kind: ClientKind | undefined }[] {
  const record = loadCatalogue().get(service.id);
  return record?.client_kinds ? [{ service, kind: clientKindOf(record, service.clientId) }] : [];
}

function findingsFor(service: Service, kind: ClientKind | undefined): Finding[] {
  const { id, key, name, installation } = service;
  if (kind === undefined) {
    const what = `services.json → ${key}.client_id looks like no client ID that ${name} gives out`;
    const why = "It may be another number from the same page, such as an app ID, or be cut off.";
    return [warningFinding(what, why, `Copy the client ID again: npm run add-service -- ${id}`)];
  }
  if (installation === undefined || installation.url !== undefined) return [];
  const what = `services.json → ${key}.app_slug is missing`;
  const why = `People must install the ${kind.name}, and the question cannot link to where they choose what it may use.`;
  return [
    warningFinding(what, why, `npm run add-service -- ${id} --app-slug NAME   (the last part of the app's address)`),
  ];
}
