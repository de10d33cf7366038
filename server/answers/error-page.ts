import { dialogPage } from "../../shared/dialog-page.ts";
import type { Report } from "../../shared/page-messages.ts";
import type { ErrorDefinition } from "./errors.ts";

const TITLE = "We can’t complete this login";

/**
 * The error page. It is complete without script. All words come from the error catalogue, never from a request; the
 * page's script replaces them by a translation, which it finds by the name of the error.
 *
 * @param answer tells the waiting app about the error; the page's script delivers it
 */
export function errorPage(definition: ErrorDefinition, answer?: Report): string {
  return dialogPage({
    head: `<meta name="reason" content="${definition.name}">${answerMeta(answer)}
    <title data-text="error.title">${TITLE}</title>`,
    styles: "card",
    script: "error",
    card: "card loading",
    content: `<p class="brand"><img src="/favicon.svg" alt=""></p>
        <h1 class="failed" data-text="error.title">${TITLE}</h1>
        <p data-text="reason.${definition.name}.text">${escapeHtml(definition.text)}</p>
        <p data-text="reason.${definition.name}.advice">${escapeHtml(definition.advice)}</p>
        <noscript><p>You can close this window and go back to the app.</p></noscript>`,
  });
}

function answerMeta(answer: Report | undefined): string {
  if (answer === undefined) return "";
  return `\n    <meta name="answer" content="${escapeHtml(JSON.stringify(answer))}">`;
}

/** No other characters have a meaning in text or in an attribute in double quotes. */
function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
