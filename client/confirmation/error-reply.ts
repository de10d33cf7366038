import type { ErrorReply } from "../../shared/page-messages.ts";
import type { Sentence } from "../page/text.ts";
import { english, loadTexts, text, translation } from "../page/text.ts";
import { isObject } from "../page/values.ts";
import { readAnswer } from "./answer.ts";
import type { Reply } from "./post.ts";

/**
 * Why the server did not do what a page asked for. Errors that only developers understand have no translation; they are
 * shown in the server's own English.
 */
export async function explainError({ status, body }: Reply): Promise<Sentence> {
  const error = readError(body);
  if (status === 429 && error === undefined) return text("common.busy");
  if (status === 200 || error === undefined) return text("common.unknown", { status: String(status) });
  await loadTexts("error");
  const translated = errorTranslation(error.reason, "text");
  if (translated !== undefined) return [`${translated} ${errorTranslation(error.reason, "advice")}`];
  return [`${errorTranslation("other", "text") ?? ""} `.trimStart(), ...english(error.error_description)];
}

function errorTranslation(name: string, part: "text" | "advice"): string | undefined {
  return translation(`reason.${name}.${part}`);
}

export function readError(value: unknown): ErrorReply | undefined {
  if (!isObject(value)) return undefined;
  const { error, error_description, reason, answer } = value;
  if (typeof error !== "string" || typeof error_description !== "string" || typeof reason !== "string")
    return undefined;
  const readable = readAnswer(answer);
  return { error, error_description, reason, ...(readable !== undefined && { answer: readable }) };
}
