import type { Service } from "../provider/service.ts";

/**
 * What an app says of how the service is to meet the user: `prompt` and `login_hint` (OpenID Connect Core §3.1.2.1), in
 * the service's own parameters. An app chooses among those that the record names, and writes one value of them, the user's
 * name; nothing else that an app writes gets through [A31].
 */
export function readHints(
  { prompt, login_hint: loginHint }: { prompt?: string; login_hint?: string },
  { promptParameters = {}, loginHintParameter }: Service,
): Record<string, string> {
  const prompts = listOf(prompt).map((value) =>
    Object.hasOwn(promptParameters, value) ? promptParameters[value]! : {},
  );
  const parameters = prompts.reduce(withHints, {});
  if (loginHint === undefined || loginHintParameter === undefined) return parameters;
  return { ...parameters, [loginHintParameter]: loginHint };
}

/** The app wants no page to be shown. */
export function forbidsPages(prompt: string | undefined): boolean {
  return listOf(prompt).includes("none");
}

/** A service's own `prompt` is a list as well: what it wants for a refresh token stays in it. */
export function withHints(parameters: Record<string, string>, hints: Record<string, string>): Record<string, string> {
  const prompts = new Set([...listOf(parameters.prompt), ...listOf(hints.prompt)]);
  return { ...parameters, ...hints, ...(prompts.size === 0 ? {} : { prompt: [...prompts].join(" ") }) };
}

function listOf(prompt: string | undefined): string[] {
  return (prompt ?? "").split(" ").filter(Boolean);
}
