import type { Reply } from "./post.ts";
import { english, loadTexts, text, translation } from "./text.ts";
import type { Sentence } from "./text.ts";

/** Why the server refused. Its own English words, where the reader reads them or where they are for developers. */
export async function explain({ status, refusal }: Omit<Extract<Reply, { kind: "refusal" }>, "kind">): Promise<Sentence> {
  if (refusal === undefined) return status === 429 ? text("common.busy") : unintelligible(status);
  await loadTexts("error");
  const say = (reason: string, part: string) => translation(`reason.${reason}.${part}`);
  const translated = say(refusal.reason, "text");
  if (translated !== undefined) return [`${translated} ${say(refusal.reason, "advice")}`];
  return [`${say("other", "text") ?? ""} `.trimStart(), ...english(refusal.error_description)];
}

export function unintelligible(status: number): Sentence {
  return text("common.unknown", { status: String(status) });
}
