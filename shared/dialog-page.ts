/** A page in the window of a login: one card. The static pages and the functions' error page have this form. All HTML. */
export interface DialogPage {
  /** `<meta>` and `<title>` of this page. */
  head: string;
  /** Name of the style sheet. */
  styles: "card" | "question";
  /** Name of the script. */
  script: string;
  /** `loading` hides a card that is complete for a moment, until the script has translated it. */
  card: "card" | "card loading";
  content: string;
  actions?: string;
  /** Below the actions. */
  more?: string;
}

export function dialogPage({ head, styles, script, card, content, actions = "", more = "" }: DialogPage): string {
  return `<!doctype html>
<html lang="en" dir="ltr">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <meta name="robots" content="noindex">
    ${head}
    <link rel="icon" href="/favicon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/${styles}.css">
    <script type="module" src="/${script}.js"></script>
  </head>
  <body class="dialog">
    <main class="${card}">
      <div class="content">
        ${content}
      </div>
      <p class="status" role="status"></p>
      <div class="actions">${actions}</div>${more}
    </main>
    <footer class="foot"><a class="brand" href="/"><img src="/favicon.svg" alt=""><span class="unseen" data-text="common.about">About this site:</span> </a></footer>
  </body>
</html>
`;
}
