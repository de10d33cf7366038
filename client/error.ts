import type { Answer } from "../netlify/oauth/question.ts";
import { liveOpener, readAnswer } from "./answer.ts";
import { button, find } from "./dom.ts";

const text = {
  told: "The app has been told. You can close this window.",
  back: "Back to the app",
};

start();

function start(): void {
  hideCode();
  if (window.top !== window.self) return;
  const answer = answerOfPage();
  if (answer !== undefined) carryOut(answer);
}

/** An authorization code must not stay in the address bar or the history [A35]. Others help to find faults. */
function hideCode(): void {
  if (new URLSearchParams(location.search).has("code")) history.replaceState(null, "", location.pathname);
}

function answerOfPage(): Answer | undefined {
  const content = document.querySelector<HTMLMetaElement>('meta[name="answer"]')?.content;
  if (content === undefined) return undefined;
  try {
    return readAnswer(JSON.parse(content));
  } catch {
    return undefined;
  }
}

function carryOut(answer: Answer): void {
  if ("message" in answer) return tell(answer);
  // Going back to an app is always a click: nobody may use us as a hop to another site [A43].
  find(".actions").append(button(text.back, "yes", () => location.replace(answer.location)));
}

function tell(answer: Extract<Answer, { message: unknown }>): void {
  const opener = liveOpener();
  if (opener === undefined) return;
  opener.postMessage(answer.message, answer.targetOrigin);
  find(".status").textContent = text.told;
}
