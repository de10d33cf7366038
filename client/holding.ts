import type { HoldingQuestion, Question, UnnamedQuestion } from "../netlify/oauth/question.ts";
import { readReport, tellOpener } from "./answer.ts";
import { listenAs } from "./channel.ts";
import { button, element } from "./dom.ts";
import { encodeFragment, takeFragment } from "./fragment.ts";
import { originNoticeElements } from "./notices.ts";
import { originElement } from "./origin.ts";
import { postJson } from "./post.ts";
import { readHoldingQuestion, readQuestion, readUnnamedQuestion } from "./question.ts";
import { readServiceAddress } from "./service-address.ts";
import { serviceIcon } from "./service-icon.ts";
import { message, say, show } from "./view.ts";

/**
 * The holding window: the service's pages would cut the window they are in off from the app, for good. So this window
 * stays, and the service gets one of its own; what comes back there is handed over within our origin [A40].
 */

const text = {
  framed: "This page starts logins, so it does not work inside another page.",
  nothing: {
    title: "There is no login to start here",
    text: "This page is part of a login. It only has something to show when an app has just sent you here.",
    home: "What is this site?",
  },
  preparing: "One moment…",
  account: (service: string) => `With your ${service} account`,
  title: (service: string) => `You are about to log in at ${service} for`,
  untitled: (service: string) => `You are about to log in at ${service}`,
  care: "Go on only if you have just pressed a login button there.",
  why: (service: string) =>
    `${service} opens in a second window, because its pages would cut the link between this window and the app.`,
  later: "Keep this window open: it goes on by itself, and asks you once more before anything is handed over.",
  go: (service: string) => `Open ${service}`,
  cancel: "Cancel",
  waiting: (service: string) => `Waiting for ${service}, in its own window…`,
  goingOn: "Going on…",
  unreachable: {
    title: "The server could not be reached",
    text: "Check your connection to the internet, and try again.",
    retry: "Try again",
  },
  failed: {
    title: "This login could not be started",
    unknown: (status: number) => `The server gave an answer that this page does not understand (${status}).`,
    busy: "Too many logins are going on at this moment. Wait a minute first.",
    advice: "Go back to the app, and press its login button again.",
  },
};

const path = "/holding";
/** How long an app may take to say to whom the news of a cancelled login goes. */
const farewellMs = 1_000;

start();

function start(): void {
  const question = readHoldingQuestion(takeFragment(path).value);
  if (window.top !== window.self) return show(message(text.nothing.title, [text.framed]));
  if (question === undefined) return showNothing();
  listenAs(question.holding, (value) => goOn(question, value));
  void prepare(question);
}

/** The service's address carries our id, so it is asked for before the click: then the click itself opens the window. */
async function prepare(question: HoldingQuestion): Promise<void> {
  say(text.preparing);
  const reply = await postJson(`/authorize/${question.service.id}`, { request: question.request });
  if (reply.kind === "unreachable") return showUnreachable(question);
  if (reply.kind === "refusal") return showFailure(reply.refusal?.error_description ?? unexplained(reply.status));
  const address = readServiceAddress(reply.body);
  if (address === undefined) return showFailure(unexplained(200));
  ask(question, address);
}

function ask(question: HoldingQuestion, address: string): void {
  const { service, origin } = question;
  const title = origin === undefined ? text.untitled(service.name) : text.title(service.name);
  show({
    title: origin === undefined ? title : `${title} ${origin}`,
    content: [
      element(
        "div",
        { className: "question" },
        element(
          "p",
          { className: "account" },
          serviceIcon(service),
          element("span", { textContent: text.account(service.name) }),
        ),
        element("h1", {}, title, ...(origin === undefined ? [] : [" ", originElement(origin)])),
      ),
      ...(origin === undefined ? [] : [element("p", { className: "care", textContent: text.care }), ...originNoticeElements(origin)]),
      element("p", { textContent: text.why(service.name) }),
      element("p", { className: "note", textContent: text.later }),
    ],
    actions: [cancelButton(question), serviceLink(question, address)],
  });
}

/** A link, because no popup blocker stops one; without an opener, so that the service's pages cannot lead us away. */
function serviceLink({ service }: HoldingQuestion, address: string): HTMLElement {
  const link = element("a", { className: "button yes", href: address, target: "_blank", rel: "noopener noreferrer" });
  link.textContent = text.go(service.name);
  link.addEventListener("click", () => say(text.waiting(service.name)));
  return link;
}

function cancelButton(question: HoldingQuestion): HTMLElement {
  const cancel = button(text.cancel, "no", () => {
    cancel.disabled = true;
    void leave(question);
  });
  return cancel;
}

/** The app hears of it, as far as it can be reached. */
async function leave({ request, service }: HoldingQuestion): Promise<void> {
  const reply = await postJson(`/authorize/${service.id}`, { request, cancel: true });
  const report = reply.kind === "success" ? readReport(reply.body) : undefined;
  if (report !== undefined && !("location" in report)) {
    await Promise.race([tellOpener(report), new Promise((resolve) => setTimeout(resolve, farewellMs))]);
  }
  window.close();
  // Where a script may not close it.
  location.replace("/");
}

/** Takes the ticket of this very login, and asks the question here, where the app's window can still be reached. */
function goOn(own: HoldingQuestion, value: unknown): boolean {
  const question = readQuestion(value) ?? readUnnamedQuestion(value);
  if (question === undefined || !isAbout(question, own)) return false;
  say(text.goingOn);
  // Under our id, whatever the other window says: the server compares it with the one in the ticket.
  location.replace(`/confirm#${encodeFragment({ ...question, holding: own.holding })}`);
  return true;
}

function isAbout(question: Question | UnnamedQuestion, own: HoldingQuestion): boolean {
  const origin = "origin" in question ? question.origin : undefined;
  return question.service.id === own.service.id && origin === own.origin;
}

function unexplained(status: number): string {
  return status === 429 ? text.failed.busy : text.failed.unknown(status);
}

function showUnreachable(question: HoldingQuestion): void {
  const retry = button(text.unreachable.retry, "yes", () => {
    retry.disabled = true;
    void prepare(question);
  });
  show(message(text.unreachable.title, [text.unreachable.text], [retry]));
}

function showFailure(sentence: string): void {
  show(message(text.failed.title, [sentence, text.failed.advice]));
}

function showNothing(): void {
  const home = element("a", { className: "button", href: "/", textContent: text.nothing.home });
  show(message(text.nothing.title, [text.nothing.text], [home]));
}
