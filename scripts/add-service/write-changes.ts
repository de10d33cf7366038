import { clientSecretVariable } from "../../server/provider/environment.ts";
import { secretsFile, servicesFile } from "../configuration/files/file-names.ts";
import { prepareFiles } from "../json/edit-json.ts";
import { setSecretVariable } from "../netlify/netlify-cli.ts";
import { Refusal } from "../terminal/console.ts";
import type { Store } from "./command-line.ts";
import type { Draft } from "./draft.ts";
import { hasChanged, type OwnersFile, type OwnersFiles, ownersEntry } from "./owners-files.ts";
import type { Session } from "./context.ts";

/** The change itself: shown first, then written. */

const MASK = "••••••••";

export function preview(
  draft: Draft,
  { store, secret, files }: { store: Store; secret: string | undefined; files: OwnersFiles },
): string {
  const old = ownersEntry(draft.key, files);
  const fields = Object.entries(draft.fields).map(([field, value]) => {
    const before = Object.hasOwn(old, field) ? old[field] : undefined;
    const was =
      before === undefined || JSON.stringify(before) === JSON.stringify(value)
        ? ""
        : `   (was ${JSON.stringify(before)})`;
    return `  services.json   ${draft.key}.${field} = ${JSON.stringify(value)}${was}`;
  });
  return [
    "What will be written:",
    "",
    ...fields,
    ...(store === "file" ? [`  .secret.json    ${draft.key}.client_secret = "${MASK}"`] : []),
    ...(store === "netlify"
      ? [`  Netlify         ${clientSecretVariable(draft.id)} = ${MASK}   (production, functions only, secret)`]
      : []),
    ...(store !== "none" && secret === undefined
      ? ["", "  The client secret is still missing: --client-secret-stdin"]
      : []),
  ].join("\n");
}

/** The remote part first: if that fails, no file has changed. */
export async function carryOut(
  draft: Draft,
  { store, secret }: { store: Store; secret: string | undefined },
  { files, write, runNetlify }: Session,
): Promise<string | undefined> {
  const { services, secrets } = files;
  await refuseIfChanged(servicesFile, services);
  if (store === "file") await refuseIfChanged(secretsFile, secrets);
  const prepared = await prepareFiles([
    { file: services.file, content: draft.servicesText },
    ...(store === "file" ? [{ file: secrets.file, content: draft.secretsText!, mode: 0o600 }] : []),
  ]);
  if (store === "netlify") {
    const stored = await storeAtNetlify(draft, secret!, { write, runNetlify });
    if (!stored) {
      await prepared.discard();
      throw new Refusal(
        "Netlify did not take the client secret, so nothing was written.\n" +
          "Next: npx netlify login, then the same again; or set it at Netlify yourself, and use --store none here.",
      );
    }
  }
  await prepared.commit();
  write("Written.\n");
  return secret;
}

async function refuseIfChanged(name: string, file: OwnersFile): Promise<void> {
  if (!(await hasChanged(file))) return;
  throw new Refusal(`${name} has changed in the meantime. Nothing was written; next: the same again.`);
}

async function storeAtNetlify(
  draft: Draft,
  secret: string,
  { write, runNetlify }: Pick<Session, "write" | "runNetlify">,
): Promise<boolean> {
  const name = clientSecretVariable(draft.id);
  write(`Setting ${name} at Netlify …`);
  const stored = await setSecretVariable(runNetlify, name, secret);
  if (stored === "production") {
    write(
      "  It is set for the published site, but not limited to functions: the plan lacks that, or the variable\n" +
        "  existed already (then look in the site's settings whether previews have a value, and delete that one).",
    );
  }
  return stored !== "failed";
}
