import type { SigningKey } from "../../server/provider/signing-key.ts";
import { hasChanged } from "../add-service/owners-files.ts";
import { signingKeyMember } from "../configuration/files/signing-key-member.ts";
import { prepareFiles, setJsonValue } from "../json/edit-json.ts";
import { setSecretVariable } from "../netlify/netlify-cli.ts";
import { CommandError } from "../terminal/command-error.ts";
import type { RunContext } from "./context.ts";
import { keysAsJson } from "./key-list.ts";

/** Only `--print` shows a private key, because whoever ran the command has asked for it. */
export async function writeKeys(keys: SigningKey[], context: RunContext): Promise<void> {
  const { options, print } = context;
  if (options.store === "print") return print(JSON.stringify(keysAsJson(keys)));
  if (options.store === "netlify") return await storeAtNetlify(keys, context);
  await storeInFile(keys, context);
}

async function storeInFile(keys: SigningKey[], { files: { secrets } }: RunContext): Promise<void> {
  if (await hasChanged(secrets)) {
    throw new CommandError(
      ".secret.json has changed in the meantime, so nothing was written. Next: run the command again.",
    );
  }
  const content = setJsonValue(secrets.text ?? "{}\n", [signingKeyMember], keysAsJson(keys));
  const prepared = await prepareFiles([{ file: secrets.file, content, mode: 0o600 }]);
  await prepared.commit();
}

async function storeAtNetlify(keys: SigningKey[], { runNetlify, print }: RunContext): Promise<void> {
  print(`Setting ${signingKeyMember} at Netlify …`);
  const stored = await setSecretVariable(runNetlify, signingKeyMember, JSON.stringify(keysAsJson(keys)));
  if (stored === "failed") {
    throw new CommandError(
      "Netlify did not accept the key, so nothing was changed.",
      "Run npx netlify login, then the same command again.",
    );
  }
  if (stored === "production") {
    print("  It is set for the published site, but your plan does not limit it to functions.");
  }
}
