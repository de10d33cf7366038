import type { Report } from "../netlify/oauth/question.ts";
import { readReport, tellOpener } from "./answer.ts";
import { button, find } from "./dom.ts";

const text = {
  told: "The app has been told. You can close this window.",
  back: "Back to the app",
};

start();

function start(): void {
  hideCode();
  if (window.top !== window.self) return;
  const report = reportOfPage();
  if (report !== undefined) void carryOut(report);
}

/** An authorization code must not stay in the address bar or the history [A35]. Others help to find faults. */
function hideCode(): void {
  if (new URLSearchParams(location.search).has("code")) history.replaceState(null, "", location.pathname);
}

function reportOfPage(): Report | undefined {
  const content = document.querySelector<HTMLMetaElement>('meta[name="answer"]')?.content;
  if (content === undefined) return undefined;
  try {
    return readReport(JSON.parse(content));
  } catch {
    return undefined;
  }
}

async function carryOut(report: Report): Promise<void> {
  // Going back to an app is always a click: nobody may use us as a hop to another site [A43].
  if ("location" in report) return find(".actions").append(button(text.back, "yes", () => location.replace(report.location)));
  if (await tellOpener(report)) find(".status").textContent = text.told;
}
