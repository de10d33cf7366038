import type { Question, UnnamedQuestion, WaitingQuestion } from "../../shared/question.ts";
import { readReport, tellOpener } from "../confirmation/answer.ts";
import { listenAs } from "../confirmation/channel.ts";
import { originElement } from "../confirmation/origin.ts";
import { originNoticeElements } from "../confirmation/origin-notices.ts";
import { postJson } from "../confirmation/post.ts";
import { readHoldingQuestion, readQuestion, readUnnamedQuestion } from "../confirmation/question.ts";
import { questionElement } from "../confirmation/question-view.ts";
import { explain } from "../confirmation/refusal.ts";
import { guard, yesButton } from "../confirmation/yes-button.ts";
import { buttonOnce, element, find } from "../page/dom.ts";
import { encodeFragment, takeFragment } from "../page/fragment.ts";
import { isFramed } from "../page/framed.ts";
import { showFramed, showNothing } from "../page/nothing-to-do.ts";
import { readServiceAddress } from "../page/service-address.ts";
import { nameOfService } from "../page/services.ts";
import type { Sentence } from "../page/text.ts";
import { loadLanguage, text, texts } from "../page/text.ts";
import { say, show, showMessage } from "../page/view.ts";

/**
 * The holding window: the service's pages would cut the window they are in off from the app, for good. So this window
 * stays, and the service gets one of its own; what comes back there is handed over within our origin [A40].
 */

const path = "/holding";
/** How long an app may take to say to whom the news of a cancelled login goes. */
const farewellMs = 1_000;

void start();

async function start(): Promise<void> {
  const { value } = takeFragment(path);
  await loadLanguage("holding");
  const question = readHoldingQuestion(value);
  if (isFramed()) return showFramed("start.nothing.title");
  if (question === undefined) return showNothing("start.nothing.title", "start.nothing.text");
  listenAs(question.holding, (value) => goOn(question, value));
  await prepare(question);
}

/** The service's address carries our id, so it is asked for before the click: then the click itself opens the window. */
async function prepare(question: WaitingQuestion): Promise<void> {
  say(text("holding.preparing"));
  const reply = await postJson(`/authorize/${question.service}`, { request: question.request });
  if (reply === undefined) return showUnreachable(question);
  const address = readServiceAddress(reply);
  if (address === undefined) return showFailure(await explain(texts, reply));
  ask(question, address);
}

function ask(question: WaitingQuestion, address: string): void {
  const { service, origin } = question;
  const values = { service: nameOfService(service) };
  const cancel = buttonOnce(text("start.cancel"), "no", () => void leave(question));
  const go = yesButton(text("holding.go", values));
  // As screen readers say it: it leads to another page.
  go.setAttribute("role", "link");
  show({
    content: [
      ...(origin === undefined
        ? [questionElement(service, text("start.untitled", values))]
        : appElements(question, origin)),
      element("p", {}, ...text("holding.why", values)),
      element("p", { className: "note" }, ...text("holding.later")),
    ],
    actions: [cancel, go],
  });
  const title = document.querySelector(".origin") ?? find("h1");
  guard(go, [title, cancel], () => openService(question, address));
}

function appElements({ service }: WaitingQuestion, origin: string): HTMLElement[] {
  const title = text("start.title", { service: nameOfService(service), origin: originElement(origin) });
  const care = element("p", { className: "care" }, ...text("start.care"));
  return [questionElement(service, title), care, ...originNoticeElements(origin)];
}

/** In the press itself, so that no popup blocker stops it; without an opener, so that its pages cannot lead us away. */
function openService(question: WaitingQuestion, address: string): void {
  window.open(address, "_blank", "noopener,noreferrer");
  say(text("holding.waiting", { service: nameOfService(question.service) }));
  // Whoever comes back before the ticket does has closed that window, and may open it once more.
  addEventListener("focus", () => ask(question, address), { once: true });
}

/** The app hears of it, as far as it can be reached. */
async function leave({ request, service }: WaitingQuestion): Promise<void> {
  const reply = await postJson(`/authorize/${service}`, { request, cancel: true });
  const report = reply?.status === 200 ? readReport(reply.body) : undefined;
  if (report !== undefined && !("location" in report)) {
    await Promise.race([tellOpener(report), new Promise((resolve) => setTimeout(resolve, farewellMs))]);
  }
  window.close();
  // Where a script may not close it.
  location.replace("/");
}

/** Takes the ticket of this very login, and asks the question here, where the app's window can still be reached. */
function goOn(own: WaitingQuestion, value: unknown): boolean {
  const question = readQuestion(value) ?? readUnnamedQuestion(value);
  if (question === undefined || !isAbout(question, own)) return false;
  say(text("holding.goingOn"));
  // Under our id, whatever the other window says: the server compares it with the one in the ticket.
  location.replace(`/confirm#${encodeFragment({ ...question, holding: own.holding })}`);
  return true;
}

function isAbout(question: Question | UnnamedQuestion, own: WaitingQuestion): boolean {
  const origin = "origin" in question ? question.origin : undefined;
  return question.service === own.service && origin === own.origin;
}

function showUnreachable(question: WaitingQuestion): void {
  const retry = buttonOnce(text("common.again"), "yes", () => void prepare(question));
  showMessage(text("common.unreachable.title"), [text("common.unreachable.text")], [retry]);
}

function showFailure(why: Sentence): void {
  showMessage(text("start.failed"), [why, text("common.restart")]);
}
