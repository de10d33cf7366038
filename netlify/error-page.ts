import type { Reason } from "./oauth/errors.ts";
import type { Report } from "./oauth/question.ts";

/** A failure as a person reads it. The words come from our own table, never from a request. */
export interface Problem {
  title: string;
  /** By it the page's script finds the same words in the reader's language. */
  reason: Reason;
  text: string;
  /** What to do next. */
  advice: string;
  /** Tells the waiting app, where there is a way. The page's script carries it out. */
  answer?: Report;
}

/** A whole page that says everything without script. */
export function errorPage(problem: Problem): string {
  const title = escapeHtml(problem.title);
  return `<!doctype html>
<html lang="en" dir="ltr">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <meta name="robots" content="noindex">
    <meta name="reason" content="${problem.reason}">${answerMeta(problem.answer)}
    <title>${title}</title>
    <link rel="icon" href="/favicon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/style.css">
    <script type="module" src="/error.js"></script>
  </head>
  <body class="dialog">
    <main class="card">
      <div class="content">
        <p class="brand"></p>
        <h1>${title}</h1>
        <p>${escapeHtml(problem.text)}</p>
        <p>${escapeHtml(problem.advice)}</p>
        <noscript><p>You can close this window and go back to the app.</p></noscript>
      </div>
      <p class="status" role="status"></p>
      <div class="actions"></div>
    </main>
    <footer class="foot"><a class="brand" href="/"><span class="unseen">About this site: </span></a></footer>
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
