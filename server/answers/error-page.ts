import type { Report } from "../../shared/question.ts";
import type { Reason } from "./errors.ts";

const TITLE = "We can’t complete this login";

/**
 * A whole page that says everything without script. The words come from our own table, never from a request; by the
 * reason's name the page's script finds them in the reader's language.
 *
 * @param answer tells the waiting app, where there is a way; the page's script carries it out
 */
export function errorPage(reason: Reason, answer?: Report): string {
  return `<!doctype html>
<html lang="en" dir="ltr">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <meta name="robots" content="noindex">
    <meta name="reason" content="${reason.name}">${answerMeta(answer)}
    <title data-text="error.title">${TITLE}</title>
    <link rel="icon" href="/favicon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/card.css">
    <script type="module" src="/error.js"></script>
  </head>
  <body class="dialog">
    <main class="card waiting">
      <div class="content">
        <p class="brand"><img src="/favicon.svg" alt=""></p>
        <h1 data-text="error.title">${TITLE}</h1>
        <p data-text="reason.${reason.name}.text">${escapeHtml(reason.text)}</p>
        <p data-text="reason.${reason.name}.advice">${escapeHtml(reason.advice)}</p>
        <noscript><p>You can close this window and go back to the app.</p></noscript>
      </div>
      <p class="status" role="status"></p>
      <div class="actions"></div>
    </main>
    <footer class="foot"><a class="brand" href="/"><img src="/favicon.svg" alt=""><span class="unseen" data-text="common.about">About this site:</span> </a></footer>
  </body>
</html>
`;
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
