import type { StartQuestion } from "../netlify/oauth/question.ts";
import { button, element } from "./dom.ts";
import { takeFragment } from "./fragment.ts";
import { originNoticeElements } from "./notices.ts";
import { originElement } from "./origin.ts";
import { postJson } from "./post.ts";
import { readStartQuestion } from "./question.ts";
import { readServiceAddress } from "./service-address.ts";
import { serviceIcon } from "./service-icon.ts";
import { message, say, show } from "./view.ts";

const text = {
  framed: "This page starts logins, so it does not work inside another page.",
  nothing: {
    title: "There is no login to start here",
    text: "This page is part of a login. It only has something to show when an app has just sent you here.",
    home: "What is this site?",
  },
  title: (service: string) => `You are about to log in at ${service} for`,
  account: (service: string) => `With your ${service} account`,
  destination: "Afterwards you will be sent to",
  care: "Go on only if you have just pressed a login button there.",
  later: "Before anything is handed over, you will be asked once more.",
  go: (service: string) => `Continue to ${service}`,
  cancel: "Cancel",
  going: (service: string) => `Going to ${service}…`,
  unreachable: "The server could not be reached. Check your connection to the internet, and try again.",
  failed: {
    title: "This login could not be started",
    unknown: (status: number) => `The server gave an answer that this page does not understand (${status}).`,
    busy: "Too many logins are going on at this moment. Wait a minute first.",
    advice: "Go back to the app, and press its login button again.",
  },
};

const path = "/start";

start();

function start(): void {
  const question = readStartQuestion(takeFragment(path).value);
  if (window.top !== window.self) return show(message(text.nothing.title, [text.framed]));
  if (question === undefined) return showNothing();
  ask(question);
}

function ask(question: StartQuestion): void {
  const { origin, redirectUri, service } = question;
  const go = button(text.go(service.name), "yes", () => void begin(question, go));
  show({
    title: `${text.title(service.name)} ${origin}`,
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
        element("h1", {}, `${text.title(service.name)} `, originElement(origin)),
      ),
      element("p", { className: "care", textContent: text.care }),
      ...originNoticeElements(origin),
      element("h2", { textContent: text.destination }),
      element("p", {}, element("code", { className: "address", dir: "ltr", textContent: redirectUri })),
      element("p", { className: "note", textContent: text.later }),
    ],
    actions: [cancelLink(), go],
  });
}

/** Closes the window that an app opened; leads home where there is nothing to close. */
function cancelLink(): HTMLElement {
  const cancel = element("a", { className: "button", href: "/", textContent: text.cancel });
  cancel.addEventListener("click", () => window.close());
  return cancel;
}

async function begin(question: StartQuestion, go: HTMLButtonElement): Promise<void> {
  go.disabled = true;
  say(text.going(question.service.name));
  const reply = await postJson(`/authorize/${question.service.id}`, { request: question.request });
  if (reply.kind === "unreachable") {
    go.disabled = false;
    return say(text.unreachable);
  }
  if (reply.kind === "refusal") return showFailure(reply.refusal?.error_description ?? unexplained(reply.status));
  const destination = readServiceAddress(reply.body);
  if (destination === undefined) return showFailure(unexplained(200));
  location.assign(destination);
}

function unexplained(status: number): string {
  return status === 429 ? text.failed.busy : text.failed.unknown(status);
}

function showFailure(sentence: string): void {
  show(message(text.failed.title, [sentence, text.failed.advice]));
}

function showNothing(): void {
  const home = element("a", { className: "button", href: "/", textContent: text.nothing.home });
  show(message(text.nothing.title, [text.nothing.text], [home]));
}
