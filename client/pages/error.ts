import type { Report } from "../../shared/question.ts";
import { readReport, tellOpener } from "../confirmation/answer.ts";
import { button, element, find, reveal } from "../page/dom.ts";
import { isFramed } from "../page/framed.ts";
import { loadLanguage, text, translation } from "../page/text.ts";

void start();

async function start(): Promise<void> {
  hideCode();
  const report = isFramed() ? undefined : reportOfPage();
  const telling = report !== undefined && !("location" in report) && tellOpener(report);
  await loadLanguage("error");
  introduceEnglish();
  if (report !== undefined && "location" in report) offerWayBack(report.location);
  reveal(find(".card"));
  if (await telling) find(".status").replaceChildren(...text("error.told"));
}

/** Going back to an app is always a click: nobody may use us as a hop to another site [A43]. */
function offerWayBack(address: string): void {
  find(".actions").append(button(text("error.back"), "yes", () => location.replace(address)));
}

/** What is said in English only, on a page in another language, is for developers. */
function introduceEnglish(): void {
  const sentence = translation("reason.other.text");
  if (sentence !== undefined)
    document.querySelector("[data-text][lang]")?.before(element("p", { textContent: sentence }));
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
