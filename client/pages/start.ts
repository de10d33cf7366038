import type { StartQuestion, WaitingQuestion } from "../../shared/page-messages.ts";
import { explainError } from "../confirmation/error-reply.ts";
import type { Gate } from "../confirmation/gate.ts";
import { addressElement, originElement } from "../confirmation/origin.ts";
import { noticeElements, originWarnings } from "../confirmation/origin-notices.ts";
import { postJson } from "../confirmation/post.ts";
import { readStartQuestion } from "../confirmation/question.ts";
import { questionElement } from "../confirmation/question-view.ts";
import { guard, yesButton } from "../confirmation/yes-button.ts";
import { areCookiesBlocked } from "../page/cookies.ts";
import { element } from "../page/dom.ts";
import { encodeFragment, takeFragment } from "../page/fragment.ts";
import { isFramed } from "../page/framed.ts";
import { closeButton, homeLink } from "../page/links.ts";
import { showBlocked, showFramed, showNothing } from "../page/nothing-to-do.ts";
import { readServiceAddress } from "../page/service-address.ts";
import { nameOfService } from "../page/services.ts";
import type { Sentence } from "../page/text.ts";
import { loadLanguage, text } from "../page/text.ts";
import { show, showMessage, showStatus } from "../page/view.ts";

/** Asks before a login begins that no page of the app is known to have started: any site can link to this address. */

const path = "/start";

let gate: Gate | undefined;

void start();

async function start(): Promise<void> {
  const { value } = takeFragment(path);
  await loadLanguage("start");
  const question = readStartQuestion(value);
  if (isFramed()) return showFramed("start.nothing.title");
  if (question === undefined) return showNothing("start.nothing.title", "start.nothing.text");
  if (areCookiesBlocked()) return showBlocked();
  if (question.inWaitingWindow !== undefined && window.opener !== null) return waitHere(question.inWaitingWindow);
  showQuestion(question);
  // After Back from the service, browsers may show the page as it was left.
  addEventListener("pageshow", ({ persisted }) => persisted && showQuestion(question));
}

/** The app's window has opened this one, and the service would separate the two. The app's page may need the other at the end. */
function waitHere(question: WaitingQuestion): void {
  location.replace(`/waiting#${encodeFragment(question)}`);
}

function showQuestion(question: StartQuestion, notice?: Sentence): void {
  gate?.close();
  const { origin, redirectUri, service } = question;
  const app = originElement(origin);
  const cancel = cancelLink();
  const go = yesButton(text("start.go", { service: nameOfService(service) }));
  show({
    content: [
      ...noticeElements(notice === undefined ? [] : [notice]),
      questionElement(service, text("start.title", { service: nameOfService(service), origin: app })),
      element("p", { className: "care" }, ...text("start.care")),
      ...noticeElements(originWarnings(origin)),
      element("h2", {}, ...text("common.destination")),
      element("p", {}, addressElement(redirectUri, origin)),
      element("p", { className: "note" }, ...text("start.later")),
    ],
    actions: [cancel, go],
  });
  gate = guard(go, [app, cancel], () => void startLogin(question));
}

/** Closes a window that an app has opened; any other window goes to the home page. */
function cancelLink(): HTMLElement {
  const cancel = homeLink(text("start.cancel"));
  cancel.addEventListener("click", () => window.close());
  return cancel;
}

async function startLogin(question: StartQuestion): Promise<void> {
  const { request, service } = question;
  showStatus(text("common.going", { service: nameOfService(service) }));
  const reply = await postJson(`/authorize/${service}`, { request });
  if (reply === undefined) return showQuestion(question, text("common.unreachable.line"));
  if (reply.status === 429) return showQuestion(question, text("common.busy"));
  const destination = readServiceAddress(reply);
  if (destination === undefined) return showError(await explainError(reply));
  location.assign(destination);
}

function showError(explanation: Sentence): void {
  showMessage(text("start.failed"), [explanation, text("common.restart")], [closeButton()], "failed");
}
