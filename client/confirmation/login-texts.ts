import type { Question } from "../../shared/page-messages.ts";
import { nameOfService } from "../page/services.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { text } from "../page/text.ts";
import type { Outcome } from "../page/view.ts";
import { showMessage } from "../page/view.ts";

/** How the result can reach the app at this moment. `lost`: there never was an opener. `gone`: it has been closed. */
export type Route = "message" | "navigation" | "lost" | "gone";

/** What the page says once the app has been told the result: in words, since each script has only its own texts. */
export interface ResultMessage {
  title: Sentence;
  sentences: Sentence[];
  outcome?: Outcome;
  /** The window does not close by itself, because nobody has pressed anything. */
  stays?: boolean;
}

export function resultMessage(question: Question, title: TextKey, sentences: TextKey[]): ResultMessage {
  return { title: loginText(question, title), sentences: sentences.map((key) => loginText(question, key)) };
}

/** A sentence that may name the app and the service. */
export function loginText({ origin, service }: Question, key: TextKey): Sentence {
  return text(key, { origin, service: nameOfService(service) });
}

/** What did not work. */
export function showLoginMessage(question: Question, title: TextKey, sentences: TextKey[], actions: Node[]): void {
  showMessage(
    loginText(question, title),
    sentences.map((key) => loginText(question, key)),
    actions,
    "failed",
  );
}
