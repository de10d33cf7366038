import type { StartQuestion } from "../../shared/question.ts";
import type { Gate } from "../confirmation/gate.ts";
import { addressElement, originElement } from "../confirmation/origin.ts";
import { noticeElement, originNoticeElements } from "../confirmation/origin-notices.ts";
import { postJson } from "../confirmation/post.ts";
import { readStartQuestion } from "../confirmation/question.ts";
import { questionElement } from "../confirmation/question-view.ts";
import { explain } from "../confirmation/refusal.ts";
import { guard, yesButton } from "../confirmation/yes-button.ts";
import { element } from "../page/dom.ts";
import { takeFragment } from "../page/fragment.ts";
import { isFramed } from "../page/framed.ts";
import { homeLink } from "../page/links.ts";
import { showFramed, showNothing } from "../page/nothing-to-do.ts";
import { readServiceAddress } from "../page/service-address.ts";
import { nameOfService } from "../page/services.ts";
import type { Sentence } from "../page/text.ts";
import { loadLanguage, text, texts } from "../page/text.ts";
import { say, show, showMessage } from "../page/view.ts";

const path = "/start";

let gate: Gate | undefined;

void start();

async function start(): Promise<void> {
  const { value } = takeFragment(path);
  await loadLanguage("start");
  const question = readStartQuestion(value);
  if (isFramed()) return showFramed("start.nothing.title");
  if (question === undefined) return showNothing("start.nothing.title", "start.nothing.text");
  ask(question);
  // Back from the service, browsers show the page as it was left.
  addEventListener("pageshow", ({ persisted }) => persisted && ask(question));
}

function ask(question: StartQuestion, notice?: Sentence): void {
  gate?.close();
  const { origin, redirectUri, service } = question;
  const app = originElement(origin);
  const cancel = cancelLink();
  const go = yesButton(text("start.go", { service: nameOfService(service) }));
  show({
    content: [
      ...(notice === undefined ? [] : [noticeElement(notice)]),
      questionElement(service, text("start.title", { service: nameOfService(service), origin: app })),
      element("p", { className: "care" }, ...text("start.care")),
      ...originNoticeElements(origin),
      element("h2", {}, ...text("common.destination")),
      element("p", {}, addressElement(redirectUri, origin)),
      element("p", { className: "note" }, ...text("start.later")),
    ],
    actions: [cancel, go],
  });
  gate = guard(go, [app, cancel], () => void begin(question));
}

/** Closes the window that an app opened; leads home where there is nothing to close. */
function cancelLink(): HTMLElement {
  const cancel = homeLink(text("start.cancel"));
  cancel.addEventListener("click", () => window.close());
  return cancel;
}

async function begin(question: StartQuestion): Promise<void> {
  const { request, service } = question;
  say(text("common.going", { service: nameOfService(service) }));
  const reply = await postJson(`/authorize/${service}`, { request });
  if (reply === undefined) return ask(question, text("common.unreachable.line"));
  const destination = readServiceAddress(reply);
  if (destination === undefined) return showFailure(await explain(texts, reply));
  location.assign(destination);
}

function showFailure(why: Sentence): void {
  showMessage(text("start.failed"), [why, text("common.restart")]);
}
