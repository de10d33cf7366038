import { clientSecretVariable } from "../../server/provider/environment.ts";
import { secretsFile, servicesFile } from "../configuration/files/file-names.ts";
import { prepareFiles } from "../json/edit-json.ts";
import { setSecretVariable } from "../netlify/netlify-cli.ts";
import { CommandError } from "../terminal/command-error.ts";
import type { Store } from "./command-line.ts";
import type { RunContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { hasChanged, type OwnersFile, type OwnersFiles, ownersEntry } from "./owners-files.ts";

/** The change to the owner's files: shown first, then written. */

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
    "This will be written:",
    "",
    ...fields,
    ...(store === "file" ? [`  .secret.json    ${draft.key}.client_secret = "${MASK}"`] : []),
    ...(store === "netlify"
      ? [`  Netlify         ${clientSecretVariable(draft.id)} = ${MASK}   (production, functions only, secret)`]
      : []),
    ...(store !== "none" && secret === undefined
      ? ["", "  The client secret is still missing. Provide it with --client-secret-stdin."]
      : []),
  ].join("\n");
}

/** Stores the secret at Netlify first: if that fails, no file has changed. */
export async function writeChanges(
  draft: Draft,
  { store, secret }: { store: Store; secret: string | undefined },
  { files, print, runNetlify }: RunContext,
): Promise<string | undefined> {
  const { services, secrets } = files;
  await requireUnchanged(servicesFile, services);
  if (store === "file") await requireUnchanged(secretsFile, secrets);
  const prepared = await prepareFiles([
    { file: services.file, content: draft.servicesText },
    ...(store === "file" ? [{ file: secrets.file, content: draft.secretsText!, mode: 0o600 }] : []),
  ]);
  if (store === "netlify") {
    const stored = await storeAtNetlify(draft, secret!, { print, runNetlify });
    if (!stored) {
      await prepared.discard();
      throw new CommandError(
        "Netlify did not accept the client secret, so nothing was written.\n" +
          "Next: run npx netlify login, then the same command again. Or set the secret at Netlify yourself, and use --store none.",
      );
    }
  }
  await prepared.commit();
  print("Written.\n");
  return secret;
}

async function requireUnchanged(name: string, file: OwnersFile): Promise<void> {
  if (!(await hasChanged(file))) return;
  throw new CommandError(
    `${name} has changed in the meantime, so nothing was written. Next: run the same command again.`,
  );
}

async function storeAtNetlify(
  draft: Draft,
  secret: string,
  { print, runNetlify }: Pick<RunContext, "print" | "runNetlify">,
): Promise<boolean> {
  const name = clientSecretVariable(draft.id);
  print(`Setting ${name} at Netlify …`);
  const stored = await setSecretVariable(runNetlify, name, secret);
  if (stored === "production") {
    print(
      "  It is set for the published site, but not limited to functions: either your plan does not allow that, or the\n" +
        "  variable already existed. In that case, check the site's settings: if previews have a value too, delete it.",
    );
  }
  return stored !== "failed";
}
