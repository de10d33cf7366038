import type { StartQuestion } from "../netlify/oauth/question.ts";
import { element } from "./dom.ts";
import { takeFragment } from "./fragment.ts";
import { isFramed } from "./framed.ts";
import type { Gate } from "./gate.ts";
import { homeLink } from "./links.ts";
import { showFramed, showNothing } from "./nothing.ts";
import { noticeElement, originNoticeElements } from "./notices.ts";
import { addressElement, originElement } from "./origin.ts";
import { postJson } from "./post.ts";
import { readStartQuestion } from "./question.ts";
import { questionElement } from "./question-view.ts";
import { explain } from "./refusal.ts";
import { readServiceAddress } from "./service-address.ts";
import { nameOfService } from "./services.ts";
import type { Sentence } from "./text.ts";
import { loadLanguage, text, texts } from "./text.ts";
import { say, show, showMessage } from "./view.ts";
import { guard, yesButton } from "./yes-button.ts";

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
