import type { Report } from "../../shared/page-messages.ts";
import { readReport, tellOpener } from "../confirmation/answer.ts";
import { button, element, find, reveal } from "../page/dom.ts";
import { isFramed } from "../page/framed.ts";
import { closeButton, homeLinkOfFrame } from "../page/links.ts";
import { loadLanguage, text, translation } from "../page/text.ts";

/** The page of an error, which says everything without script. The script translates it and tells the waiting app. */

void start();

async function start(): Promise<void> {
  hideCode();
  const report = isFramed() ? undefined : reportOfPage();
  const told = report !== undefined && !("location" in report) && tellOpener(report);
  await loadLanguage("error");
  introduceEnglishError();
  if (isFramed()) find(".actions").replaceChildren(homeLinkOfFrame());
  else if (report !== undefined && "location" in report) offerWayBack(report.location);
  else if (document.querySelector(".actions > *") === null) find(".actions").append(closeButton());
  reveal(find(".card"));
  if (await told) find(".status").replaceChildren(...text("error.told"));
}

/** Going back to an app takes a click: nobody may use this page as a redirector to another site. */
function offerWayBack(address: string): void {
  find(".actions").append(button(text("error.back"), "yes", () => location.replace(address)));
}

/** An error without a translation is for developers. On a page in another language, a sentence before it says so. */
function introduceEnglishError(): void {
  const sentence = translation("reason.other.text");
  if (sentence !== undefined)
    document.querySelector("[data-text][lang]")?.before(element("p", { textContent: sentence }));
}

/** An authorization code must not stay in the address bar and the history. Other parameters help to find the error. */
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
