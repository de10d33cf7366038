import type { Question, UnnamedQuestion, WaitingQuestion } from "../../shared/page-messages.ts";
import { readReport, tellOpener } from "../confirmation/answer.ts";
import { listenAs } from "../confirmation/channel.ts";
import { explainError } from "../confirmation/error-reply.ts";
import { addressElement, originElement } from "../confirmation/origin.ts";
import { noticeElements, originWarnings } from "../confirmation/origin-notices.ts";
import { postJson } from "../confirmation/post.ts";
import { readQuestion, readUnnamedQuestion, readWaitingQuestion } from "../confirmation/question.ts";
import { questionElement } from "../confirmation/question-view.ts";
import { guard, yesButton } from "../confirmation/yes-button.ts";
import { areCookiesBlocked } from "../page/cookies.ts";
import { buttonOnce, element, find } from "../page/dom.ts";
import { encodeFragment, takeFragment } from "../page/fragment.ts";
import { isFramed } from "../page/framed.ts";
import { closeButton } from "../page/links.ts";
import { showBlocked, showFramed, showNothing } from "../page/nothing-to-do.ts";
import { readServiceAddress } from "../page/service-address.ts";
import { nameOfService } from "../page/services.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { loadLanguage, text } from "../page/text.ts";
import { show, showMessage, showStatus } from "../page/view.ts";

/**
 * The waiting window. Some services cut the window that shows their pages off from the app, for good. So this window, which
 * the app has opened, waits here and opens a second window for the service. What comes back there is handed to this one
 * within our own origin, so no other page can read it.
 */

const path = "/waiting";
const serviceSize = { width: 480, height: 680 };
const asidePx = 48;
/** How long an app that nobody has identified yet may take to identify itself after a cancelled login. */
const cancelHandshakeMs = 1_000;

void start();

async function start(): Promise<void> {
  const { value } = takeFragment(path);
  await loadLanguage("waiting");
  const question = readWaitingQuestion(value);
  if (isFramed()) return showFramed("start.nothing.title");
  if (question === undefined) return showNothing("start.nothing.title", "start.nothing.text");
  const isListening = listenAs(question.waitingWindow, (returned) => confirmHere(question, returned));
  if (!isListening || areCookiesBlocked()) return showBlocked();
  await prepareLogin(question);
}

/** Gets the service's address before the click, because a browser lets a page open a window only during the click. */
async function prepareLogin(question: WaitingQuestion): Promise<void> {
  showStatus(text("waiting.preparing"));
  // Only where the server is slow does anybody see that it can be pressed (`question.css`).
  const cancel = cancelButton(question);
  cancel.classList.add("late");
  find(".actions").replaceChildren(cancel);
  const reply = await postJson(`/authorize/${question.service}`, { request: question.request });
  if (reply === undefined) return offerRetry(question, "common.unreachable.title", "common.unreachable.text");
  if (reply.status === 429) return offerRetry(question, "start.failed", "common.busy");
  const address = readServiceAddress(reply);
  if (address === undefined) return showError(await explainError(reply));
  showQuestion(question, address);
}

function showQuestion(question: WaitingQuestion, address: string): void {
  const { service, origin, redirectUri } = question;
  const values = { service: nameOfService(service) };
  const cancel = cancelButton(question);
  const go = yesButton(text("waiting.go", values));
  // It leads to another page, and screen readers should say so.
  go.setAttribute("role", "link");
  show({
    content: [
      ...(origin === undefined
        ? [questionElement(service, text("start.untitled", values))]
        : appElements(question, origin)),
      ...(origin === undefined || redirectUri === undefined ? [] : destinationElements(redirectUri, origin)),
      element("p", {}, ...text("waiting.why", values)),
      element("p", { className: "note" }, ...text("waiting.later")),
    ],
    actions: [cancel, go],
  });
  const title = document.querySelector(".origin") ?? find("h1");
  guard(go, [title, cancel], () => openService(question, address));
}

function appElements({ service }: WaitingQuestion, origin: string): HTMLElement[] {
  const title = text("start.title", { service: nameOfService(service), origin: originElement(origin) });
  const care = element("p", { className: "care" }, ...text("start.care"));
  return [questionElement(service, title), care, ...noticeElements(originWarnings(origin))];
}

function destinationElements(redirectUri: string, origin: string): HTMLElement[] {
  return [element("h2", {}, ...text("common.destination")), element("p", {}, addressElement(redirectUri, origin))];
}

/** During the click, so that no popup blocker stops it. */
function openService(question: WaitingQuestion, address: string): void {
  const values = { service: nameOfService(question.service) };
  window.open(address, "_blank", windowFeatures());
  // Without an opener, nothing tells this page whether a window has opened.
  const link = element(
    "a",
    { href: address, target: "_blank", rel: "noopener noreferrer" },
    ...text("waiting.link", values),
  );
  showStatus([...text("waiting.waiting", values), " ", ...text("waiting.unopened", { link })]);
  // A person who comes back before the result does has closed the service's window, and may want to open it again.
  addEventListener("focus", () => showQuestion(question, address), { once: true });
}

/**
 * A window and not a tab: a tab would open in the browser's main window, which would then hide this one. A little aside, so
 * that this window stays in sight. Without an opener, so that the service cannot navigate it.
 */
function windowFeatures(): string {
  const [left, top] = [window.screenX + asidePx, window.screenY + asidePx];
  return `popup,noopener,noreferrer,width=${serviceSize.width},height=${serviceSize.height},left=${left},top=${top}`;
}

function cancelButton(question: WaitingQuestion): HTMLElement {
  return buttonOnce(text("start.cancel"), "no", () => void cancelLogin(question));
}

/** Tells the app, if it can be reached. */
async function cancelLogin({ request, service }: WaitingQuestion): Promise<void> {
  showStatus(text("confirm.sending.no"));
  const reply = await postJson(`/authorize/${service}`, { request, cancel: true });
  const report = reply?.status === 200 ? readReport(reply.body) : undefined;
  if (report !== undefined && !("location" in report)) {
    await Promise.race([tellOpener(report), new Promise((resolve) => setTimeout(resolve, cancelHandshakeMs))]);
  }
  window.close();
  // In case a script may not close this window.
  location.replace("/");
}

/**
 * Takes the ticket of this login, and asks the question in this window, from which the app can still be reached.
 *
 * @returns whether the value was about this login
 */
function confirmHere(own: WaitingQuestion, returned: unknown): boolean {
  const question = readQuestion(returned) ?? readUnnamedQuestion(returned);
  if (question === undefined || !isAbout(question, own)) return false;
  showStatus(text("waiting.goingOn"));
  // The server compares this window's id with the one in the ticket, so the other window must not choose it.
  location.replace(`/confirm#${encodeFragment({ ...question, waitingWindow: own.waitingWindow })}`);
  return true;
}

function isAbout(question: Question | UnnamedQuestion, own: WaitingQuestion): boolean {
  const { origin, redirectUri } = "origin" in question ? question : {};
  return question.service === own.service && origin === own.origin && redirectUri === own.redirectUri;
}

function offerRetry(question: WaitingQuestion, title: TextKey, sentence: TextKey): void {
  const retry = buttonOnce(text("common.again"), "yes", () => void prepareLogin(question));
  showMessage(text(title), [text(sentence)], [retry], "failed");
}

function showError(explanation: Sentence): void {
  showMessage(text("start.failed"), [explanation, text("common.restart")], [closeButton()], "failed");
}
