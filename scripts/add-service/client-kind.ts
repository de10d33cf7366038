import { type ClientKind, clientKindOf } from "../../catalogue/client-kinds.ts";
import { CommandError } from "../terminal/command-error.ts";
import { SEE_HELP } from "./command-line.ts";
import type { RunContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { type Fields, validateField } from "./fields.ts";
import { ownersEntry } from "./owners-files.ts";

/**
 * Says which kind of client the client ID is of, and what follows. For a client that people install, asks for its name in
 * the service's addresses. The question of a login then links to where they choose what it may use.
 */
export async function askAppSlug(draft: Draft, clientId: string, context: RunContext): Promise<Fields> {
  const { options, prompts, files } = context;
  const kind = draft.record && clientKindOf(draft.record, clientId);
  if (kind !== undefined) context.print(kindText(kind));
  const given = options["app-slug"];
  if (given !== undefined) return { app_slug: checkedSlug(given) };
  const isInstalled = kind?.fields?.installation !== undefined;
  if (!isInstalled || !prompts || "app_slug" in ownersEntry(draft.key, files)) return {};
  const slug = await prompts.text({
    message: `The last part of the ${kind.name}'s own address at ${draft.service.name} (may be empty)`,
    placeholder: "my-app",
    validate: (value) => (value === "" ? undefined : validateField("app_slug", value)),
  });
  return slug === "" ? {} : { app_slug: slug };
}

function kindText({ name, notes }: ClientKind): string {
  return `\n  This is the client ID of ${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}. ${notes}\n`;
}

function checkedSlug(slug: string): string {
  const invalid = validateField("app_slug", slug);
  if (invalid !== undefined) throw new CommandError(`--app-slug ${invalid}.`, SEE_HELP);
  return slug;
}
