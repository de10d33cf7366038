import { dialogPage } from "../../shared/dialog-page.ts";
import type { Report } from "../../shared/question.ts";
import type { Reason } from "./errors.ts";

const TITLE = "This login cannot go on";

/**
 * A whole page that says everything without script. The words come from our own table, never from a request; by the
 * reason's name the page's script finds them in the reader's language.
 *
 * @param answer tells the waiting app, where there is a way; the page's script carries it out
 */
export function errorPage(reason: Reason, answer?: Report): string {
  return dialogPage({
    head: `<meta name="reason" content="${reason.name}">${answerMeta(answer)}
    <title data-text="error.title">${TITLE}</title>`,
    styles: "card",
    script: "error",
    card: "card loading",
    content: `<p class="brand"><img src="/favicon.svg" alt=""></p>
        <h1 data-text="error.title">${TITLE}</h1>
        <p data-text="reason.${reason.name}.text">${escapeHtml(reason.text)}</p>
        <p data-text="reason.${reason.name}.advice">${escapeHtml(reason.advice)}</p>
        <noscript><p>You can close this window and go back to the app.</p></noscript>`,
  });
}

function answerMeta(answer: Report | undefined): string {
  if (answer === undefined) return "";
  return `\n    <meta name="answer" content="${escapeHtml(JSON.stringify(answer))}">`;
}

/** Nothing else has a meaning in text, or in an attribute between double quotes. */
function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
