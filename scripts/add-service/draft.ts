import type { Environment } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";
import { type Fault, formatFaults, idOf, resolveConfiguration } from "../configuration/configuration.ts";
import { secretsFile, servicesFile } from "../configuration/files/file-names.ts";
import { type JsonValue, setJsonValue, withoutByteOrderMark } from "../json/edit-json.ts";
import { Refusal } from "../terminal/console.ts";
import type { Choice } from "./choose-service.ts";
import type { OwnersFiles } from "./owners-files.ts";

/**
 * The service that is about to be added: what `services.json` and `.secret.json` would say, checked by the very rules of
 * the build, before anything is written.
 */

export type Fields = Record<string, JsonValue>;

export interface Draft extends Choice {
  fields: Fields;
  service: Service;
  /** Of both files, after the change. */
  servicesText: string;
  secretsText: string | undefined;
}

/**
 * The service as far as it is known before anybody was asked for its values. What is wrong with the old values is no
 * hindrance: they are about to be replaced.
 *
 * @throws {Refusal} with every other fault that the build would find
 */
export function describeDraft(
  choice: Choice,
  fields: Fields,
  { files, env }: { files: OwnersFiles; env: Environment },
): Draft {
  const withoutSecrets = { ...files, secrets: { ...files.secrets, text: undefined } };
  return { ...draftService(choice, { ...fields, client_id: "" }, { files: withoutSecrets, env }), fields };
}

/**
 * What the files would be, and what that comes to.
 *
 * @param secret for `.secret.json`; `undefined`: that file stays as it is
 * @throws {Refusal} with every fault that the build would find
 */
export function draftService(
  choice: Choice,
  fields: Fields,
  { files, secret, env }: { files: OwnersFiles; secret?: string | undefined; env: Environment },
): Draft {
  const { services, secrets } = files;
  const changes = Object.entries(fields).map(([field, value]): [string[], JsonValue] => [[choice.key, field], value]);
  const servicesText = setAll(servicesFile, services.text!, changes);
  const secretsText =
    secret === undefined
      ? secrets.text
      : setAll(secretsFile, secrets.text ?? "", [[[secretKey(choice, files), "client_secret"], secret]]);
  const report = resolveConfiguration({
    services: JSON.parse(withoutByteOrderMark(servicesText)),
    secrets: secretsText === undefined ? undefined : JSON.parse(withoutByteOrderMark(secretsText)),
    env,
    production: true,
    localDevelopment: false,
  });
  if (report.faults.length > 0) throw new Refusal(refusalOf(report.faults));

  const service = report.configuration.services.find(({ key }) => key === choice.key);
  if (!service) throw new Refusal(`services.json → ${choice.key} is not understood.`);
  return { ...choice, fields, service, servicesText, secretsText };
}

function setAll(file: string, text: string, changes: [string[], JsonValue][]): string {
  try {
    return changes.reduce((edited, [path, value]) => setJsonValue(edited, path, value), text);
  } catch (error) {
    throw new Refusal(
      `${file} → ${changes[0]![0][0]}: ${(error as Error).message} Correct it by hand; nothing was written.`,
    );
  }
}

/** The owner may spell a service differently in the two files. */
function secretKey({ id, key }: Choice, { secrets }: OwnersFiles): string {
  return Object.keys(secrets.value).find((name) => idOf(name) === id) ?? key;
}

function refusalOf(faults: Fault[]): string {
  return `Nothing was written: the build would refuse this.\n\n${formatFaults(faults)}`;
}
