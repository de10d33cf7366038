import type { Environment } from "../../server/provider/environment.ts";
import type { Service } from "../../server/provider/service.ts";
import { formatIssues, type Issue, idOf, resolveConfiguration } from "../configuration/configuration.ts";
import { secretsFile, servicesFile } from "../configuration/files/file-names.ts";
import { type JsonValue, setJsonValue, withoutByteOrderMark } from "../json/edit-json.ts";
import { CommandError } from "../terminal/command-error.ts";
import type { Choice } from "./choose-service.ts";
import type { Fields } from "./fields.ts";
import type { OwnersFiles } from "./owners-files.ts";

/** The service to add: the future text of `services.json` and `.secret.json`, checked by the build's rules before writing. */

export interface Draft extends Choice {
  fields: Fields;
  service: Service;
  /** The text of both files after the change. */
  servicesText: string;
  secretsText: string | undefined;
}

/**
 * The service before its client ID and secret are known. Issues of their old values are ignored, since they will be
 * replaced.
 *
 * @throws {CommandError} with every other issue that the build would report
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
 * The future text of the files, and the service that the build would make of it.
 *
 * @param secret for `.secret.json`; `undefined` leaves that file as it is
 * @throws {CommandError} with every issue that the build would report
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
  if (report.issues.length > 0) throw new CommandError(issuesMessage(report.issues));

  const service = report.configuration.services.find(({ key }) => key === choice.key);
  if (!service) throw new CommandError(`services.json → ${choice.key} is invalid.`);
  return { ...choice, fields, service, servicesText, secretsText };
}

function setAll(file: string, text: string, changes: [string[], JsonValue][]): string {
  try {
    return changes.reduce((edited, [path, value]) => setJsonValue(edited, path, value), text);
  } catch (error) {
    throw new CommandError(
      `${file} → ${changes[0]![0][0]}: ${(error as Error).message} Nothing was written. Correct the file by hand.`,
    );
  }
}

/** The owner may spell a service differently in the two files. */
function secretKey({ id, key }: Choice, { secrets }: OwnersFiles): string {
  return Object.keys(secrets.value).find((name) => idOf(name) === id) ?? key;
}

function issuesMessage(issues: Issue[]): string {
  return `Nothing was written, because the build would fail:\n\n${formatIssues(issues)}`;
}
