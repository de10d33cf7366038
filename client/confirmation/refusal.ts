import type { Refusal } from "../../shared/question.ts";
import type { Sentence, texts } from "../page/text.ts";
import { isObject } from "../page/values.ts";
import { readAnswer } from "./answer.ts";
import type { Reply } from "./post.ts";

/**
 * Why the server did not do it. Its own English words, where the reader reads them or where they are for developers.
 *
 * @param texts of the page that says it
 */
export async function explain(
  { text, translation, english, loadTexts }: typeof texts,
  { status, body }: Reply,
): Promise<Sentence> {
  const refusal = readRefusal(body);
  if (status === 429 && refusal === undefined) return text("common.busy");
  if (status === 200 || refusal === undefined) return text("common.unknown", { status: String(status) });
  await loadTexts("error");
  const say = (reason: string, part: string) => translation(`reason.${reason}.${part}`);
  const translated = say(refusal.reason, "text");
  if (translated !== undefined) return [`${translated} ${say(refusal.reason, "advice")}`];
  return [`${say("other", "text") ?? ""} `.trimStart(), ...english(refusal.error_description)];
}

export function readRefusal(value: unknown): Refusal | undefined {
  if (!isObject(value)) return undefined;
  const { error, error_description, reason, answer } = value;
  if (typeof error !== "string" || typeof error_description !== "string" || typeof reason !== "string")
    return undefined;
  const readable = readAnswer(answer);
  return { error, error_description, reason, ...(readable !== undefined && { answer: readable }) };
}
