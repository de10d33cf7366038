import type { Service } from "../provider/service.ts";

/**
 * The app's wishes for the login (`prompt` and `login_hint`, OpenID Connect Core §3.1.2.1) as parameters of the service.
 * An app can choose among the prompts in the service's record, and can write one value, the user's name. Nothing else that
 * an app writes reaches the service.
 */
export function readHints(
  { prompt, login_hint: loginHint }: { prompt?: string; login_hint?: string },
  { promptParameters = {}, loginHintParameter }: Pick<Service, "promptParameters" | "loginHintParameter">,
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

/** `prompt` is a list: the values that the service needs for a refresh token are kept. */
export function withHints(parameters: Record<string, string>, hints: Record<string, string>): Record<string, string> {
  const prompts = new Set([...listOf(parameters.prompt), ...listOf(hints.prompt)]);
  return { ...parameters, ...hints, ...(prompts.size === 0 ? {} : { prompt: [...prompts].join(" ") }) };
}

function listOf(prompt: string | undefined): string[] {
  return (prompt ?? "").split(" ").filter(Boolean);
}
