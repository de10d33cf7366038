import { parseAppUrl } from "../netlify/oauth/app-url.ts";
import type { Answer, Decision, Question, Refusal, ShownScope, UnnamedQuestion } from "../netlify/oauth/question.ts";
import { liveOpener, readAnswer } from "./answer.ts";
import { button, element, paragraphs } from "./dom.ts";
import { forgetFragment, keepFragment, takeFragment } from "./fragment.ts";
import { armingMs, Gate } from "./gate.ts";
import type { GateState } from "./gate.ts";
import { shakeHands } from "./handshake.ts";
import { noticeElement, originNoticeElements } from "./notices.ts";
import { originElement } from "./origin.ts";
import { postJson } from "./post.ts";
import { readQuestion, readUnnamedQuestion } from "./question.ts";
import { serviceIcon } from "./service-icon.ts";
import { message, say, show } from "./view.ts";

const text = {
  framed: "This page answers questions about your logins, so it does not work inside another page.",
  nothing: {
    title: "There is nothing to confirm here",
    text: "This page is part of a login. It only has something to ask when an app has just sent you here.",
    home: "What is this site?",
  },
  meeting: {
    title: "One moment",
    text: "Asking the app for its name…",
    slow: "The app does not answer. If its window is still open, go back to it, and press its login button again.",
    unsafe: {
      title: "This app cannot be logged in to",
      text: (origin: string) => `${origin} is not an address that is safe to send your access to. Nothing was handed over.`,
    },
    lost: (service: string) =>
      `The link between this window and the app has been cut, by the page of ${service} or because the app’s window ` +
      "was closed. Nothing was handed over.",
  },
  question: {
    account: (service: string) => `With your ${service} account`,
    title: "Are you sure you want to log in to",
    end: "?",
    can: "It will be able to",
    everything: (service: string) => `everything you have just allowed at ${service}`,
    standard: (service: string) => `what ${service} gives to every app by default`,
    undescribed: (service: string) => `${service}’s own word for it; we have no description`,
    unknownStart: (origin: string) =>
      `We cannot tell where this login was started. Go on only if you have just pressed a login button on ${origin}.`,
    mismatch: (claimed: string, origin: string) =>
      `The app says that it is ${claimed}. It is not: your access would go to ${origin}.`,
    merged: (service: string) =>
      `${service} adds everything that you have allowed before to any app which logs in through this page.`,
    offline: "keep this access while you are away, for up to 90 days",
    anyPage: "Any page on this site will be able to do this.",
    no: "No",
    yes: "Yes",
  },
  why: {
    summary: "Why am I asked?",
    sentences: (service: string) => [
      `${service} knows only this login page, not the site that you are logging in to. So nobody but you can tell ` +
        "whether that site should have your access.",
      "If you press Yes, it gets its own key to your account, and this page keeps nothing. If you press No, it gets " +
        "nothing.",
    ],
    undo: "You can take this back at any time:",
    manage: (service: string) => `see and end access at ${service}`,
  },
  gate: {
    hidden: "",
    unfocused: "Click into this window to go on.",
    "out-of-view": "Scroll to see the whole address.",
    counting: "Take a moment to read the address.",
    armed: "",
    refused: "That was too quick to count. Please press once more.",
  } satisfies Record<GateState | "refused", string>,
  sending: { yes: "Logging in…", no: "Telling the app…" },
  leaving: (origin: string) => `Taking you back to ${origin}…`,
  close: "You can close this window.",
  done: { title: "Done", text: (origin: string) => `${origin} has received its access.` },
  declined: { title: "You said no", text: (origin: string) => `${origin} has been told, and got nothing.` },
  refused: {
    title: (service: string) => `You did not allow it at ${service}`,
    told: (origin: string) => `${origin} has been told.`,
    untold: "Nothing was handed over.",
  },
  expired: {
    title: "This took too long",
    text: (service: string) =>
      `${service} gives only a little time to answer, and it has passed. Nothing was handed over.`,
    told: (origin: string) => `${origin} has been told. Press its login button again.`,
  },
  lost: {
    title: "The way back to the app is gone",
    text: (service: string, origin: string) =>
      `The page of ${service} has cut the link between this window and ${origin}. Nothing was handed over.`,
    advice: "Close this window and try again; if it happens again, use another way to log in that the app offers.",
  },
  gone: {
    title: "The app’s window is gone",
    text: (origin: string) => `The window of ${origin} that waited for this answer has been closed or has moved on.`,
    advice: "Nothing was handed over. Open the app again, and press its login button.",
  },
  goneTooLate: {
    title: "The app’s window is gone",
    text: (origin: string) => `The window of ${origin} was closed before the answer could reach it.`,
    advice: "Open the app again, and press its login button.",
  },
  unreachable: {
    title: "The server could not be reached",
    text: "Check your connection to the internet, and try again.",
    retry: "Try again",
    notice: "The server could not be reached. Check your connection to the internet, and answer once more.",
  },
  failed: {
    title: "That did not work",
    unknown: (status: number) => `The server gave an answer that this page does not understand (${status}).`,
    busy: "Too many logins are going on at this moment.",
    advice: "Go back to the app, and press its login button again. If that was a moment ago, wait a minute first.",
  },
  back: (origin: string) => `Back to ${origin}`,
};

const path = "/confirm";
const closeAfterMs = 300;
const maximumTimerMs = 2 ** 31 - 1;

/** How long an app may take to say its name before the page says that it is waiting. */
const meetingMs = 5_000;

/** How the result can reach the app at this moment. */
type Route = "message" | "navigation" | "lost" | "gone";

interface Told {
  title: string;
  text: string;
}

const hadOpener = window.opener !== null;
/** Closed when something else takes the place of the question. */
let gate: Gate | undefined;
/** When Yes becomes useless, by this computer's clock. */
let deadlineMs = 0;
/** The question can still be answered, and can still expire. */
let isOpen = true;

start();

function start(): void {
  const { value, takenAtMs } = takeFragment(path);
  const question = readQuestion(value);
  const unnamed = readUnnamedQuestion(value);
  // The header refuses frames already; this is for browsers that do not know it [A66].
  if (window.top !== window.self) return show(message(text.nothing.title, [text.framed]));
  if (question !== undefined) return begin(question, takenAtMs);
  if (unnamed !== undefined) return void meet(unnamed, takenAtMs);
  showNothing();
}

/** A CMS has to show who it is before anything can be asked [A8]. */
async function meet(question: UnnamedQuestion, takenAtMs: number): Promise<void> {
  const opener = liveOpener();
  if (opener === undefined) {
    return show(message(text.lost.title, [text.meeting.lost(question.service.name), text.lost.advice]));
  }
  show(message(text.meeting.title, [text.meeting.text]));
  const slow = setTimeout(() => say(text.meeting.slow), meetingMs);
  const origin = await shakeHands(opener, question.handshake);
  clearTimeout(slow);
  if (parseAppUrl(origin)?.origin !== origin) {
    return show(message(text.meeting.unsafe.title, [text.meeting.unsafe.text(origin)]));
  }
  // Some CMSes answer once and never again, so a reload must not depend on it.
  keepFragment(path, { value: { ...question, origin }, takenAtMs });
  begin({ ...question, origin }, takenAtMs);
}

function begin(question: Question, takenAtMs: number): void {
  deadlineMs = takenAtMs + question.lifetimeSeconds * 1_000;
  if (question.refused) return refusedAtService(question);
  if (isExpired()) return expire(question);
  whenExpired(() => expire(question));
  ask(question);
}

function routeOf(question: Question): Route {
  if (question.delivery === "navigation") return "navigation";
  if (liveOpener() !== undefined) return "message";
  if (question.canNavigate) return "navigation";
  return hadOpener ? "gone" : "lost";
}

/* ---- The question ---- */

function ask(question: Question, notice?: string): void {
  const route = routeOf(question);
  if (route === "lost" || route === "gone") return showNobodyWaits(question, route);

  const origin = originElement(question.origin);
  const no = button(text.question.no, "no", () => {
    no.disabled = true;
    void decide(question, "no", toldAboutNo(question));
  });
  const progress = element("span", { className: "progress" });
  // No id and no name: a fragment or a script elsewhere could find the button by them [A6].
  const yes = element("button", { type: "button", className: "yes", disabled: true }, text.question.yes, progress);

  show({
    title: `${text.question.title} ${question.origin}${text.question.end}`,
    content: [
      ...(notice === undefined ? [] : [noticeElement(notice)]),
      heading(question, origin),
      ...noticesElements(question),
      scopesElement(question),
    ],
    actions: [no, yes],
    more: [whyElement(question)],
  });
  // In a very small window, the address is what has to be seen.
  origin.scrollIntoView({ block: "nearest" });
  gate = new Gate({
    button: yes,
    mustBeSeen: [origin, no, yes],
    onState: (state) => showGate(state, progress),
    onRefused: () => say(text.gate.refused),
    onPressed: () => {
      no.disabled = true;
      void decide(question, "yes", toldAboutYes(question));
    },
  });
}

function showGate(state: GateState, progress: HTMLElement): void {
  say(text.gate[state]);
  progress.getAnimations().forEach((animation) => animation.cancel());
  if (state !== "counting" || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  progress.animate([{ transform: "scaleX(0)" }, { transform: "scaleX(1)" }], { duration: armingMs });
}

function heading(question: Question, origin: HTMLElement): HTMLElement {
  const { service } = question;
  return element(
    "div",
    { className: "question" },
    element(
      "p",
      { className: "account" },
      serviceIcon(service),
      element("span", { textContent: text.question.account(service.name) }),
    ),
    element(
      "h1",
      {},
      `${text.question.title} `,
      origin,
      element("span", { className: "unseen", textContent: text.question.end }),
    ),
  );
}

function isAt(origin: string, claimedHost: string): boolean {
  const { host, hostname } = new URL(origin);
  return claimedHost === hostname || claimedHost === host;
}

function scopesElement(question: Question): HTMLElement {
  const { scopes, scopesMerged, offline, service } = question;
  const items = scopeItems(scopes, service.name);
  if (offline) items.push(element("li", { textContent: text.question.offline }));
  const note = (sentence: string) => element("p", { className: "note", textContent: sentence });
  return element(
    "section",
    { className: "scopes" },
    element("h2", { textContent: text.question.can }),
    element("ul", {}, ...items),
    ...(scopesMerged ? [note(text.question.merged(service.name))] : []),
    note(text.question.anyPage),
  );
}

function scopeItems(scopes: ShownScope[] | null, service: string): HTMLElement[] {
  if (scopes === null) return [element("li", { textContent: text.question.everything(service) })];
  if (scopes.length === 0) return [element("li", { textContent: text.question.standard(service) })];
  return scopes.map(({ value, description }) => {
    const code = element("code", { textContent: value });
    if (description !== undefined) return element("li", {}, element("span", { textContent: description }), " ", code);
    return element("li", {}, code, " ", element("small", { textContent: text.question.undescribed(service) }));
  });
}

function noticesElements(question: Question): HTMLElement[] {
  const notices = originNoticeElements(question.origin);
  const { origin, claimedHost } = question;
  if (claimedHost !== undefined && !isAt(origin, claimedHost)) {
    notices.unshift(noticeElement(text.question.mismatch(claimedHost, origin)));
  }
  if (question.unknownStart) notices.push(noticeElement(text.question.unknownStart(question.origin)));
  return notices;
}

function whyElement({ service }: Question): HTMLElement {
  const why = element("details", {}, element("summary", { textContent: text.why.summary }));
  why.append(...paragraphs(...text.why.sentences(service.name)));
  if (service.manageUrl?.startsWith("https://") !== true) return why;
  const link = element("a", { href: service.manageUrl, rel: "noreferrer noopener", target: "_blank" });
  link.textContent = text.why.manage(service.name);
  why.append(element("p", {}, `${text.why.undo} `, link, "."));
  return why;
}

/* ---- The decision ---- */

function toldAboutYes(question: Question): Told {
  return { title: text.done.title, text: text.done.text(question.origin) };
}

function toldAboutNo(question: Question): Told {
  return { title: text.declined.title, text: text.declined.text(question.origin) };
}

/** Tells the server what was shown and decided, and carries out what it answers. */
async function decide(question: Question, decision: Decision["decision"], told: Told): Promise<void> {
  gate?.close();
  const route = routeOf(question);
  if (route === "lost" || route === "gone") return showNobodyWaits(question, route);

  isOpen = false;
  say(text.sending[decision]);
  const reply = await postJson(path, {
    ticket: question.ticket,
    origin: question.origin,
    service: question.service.id,
    decision,
    opener: liveOpener() !== undefined,
    ...(question.holding !== undefined && { holding: question.holding }),
  } satisfies Decision);

  if (reply.kind === "unreachable") return showUnreachable(question, decision, told);
  forgetFragment(path);
  if (reply.kind === "refusal") return showFailure(question, reply.status, reply.refusal);
  const answer = readAnswer(reply.body);
  if (answer === undefined) return showFailure(question, 200, undefined);
  carryOut(question, answer, told);
}

function carryOut(question: Question, answer: Answer, told: Told): void {
  if ("location" in answer) {
    show(message(told.title, [text.leaving(question.origin)]));
    // The question must not stay in the history behind the app.
    return location.replace(answer.location);
  }
  if (!tell(answer)) return showGoneTooLate(question);
  show(message(told.title, [told.text, text.close]));
  setTimeout(() => window.close(), closeAfterMs);
}

function tell(answer: Extract<Answer, { message: unknown }>): boolean {
  const opener = liveOpener();
  opener?.postMessage(answer.message, answer.targetOrigin);
  return opener !== undefined;
}

/* ---- Nothing to ask ---- */

/** The service has the refusal already; here only the app has to learn of it. Going back to it is a click [A43]. */
function refusedAtService(question: Question): void {
  const title = text.refused.title(question.service.name);
  const told = { title, text: text.refused.told(question.origin) };
  const route = routeOf(question);
  if (route === "message") return announce(question, told, [text.refused.untold]);
  if (route === "navigation") return show(message(title, [text.refused.untold], [backButton(question, told)]));
  show(message(title, [text.refused.untold, text.close]));
}

function expire(question: Question): void {
  if (!isOpen) return;
  isOpen = false;
  gate?.close();
  const { title } = text.expired;
  const sentence = text.expired.text(question.service.name);
  const told = { title, text: `${sentence} ${text.expired.told(question.origin)}` };
  const route = routeOf(question);
  if (route === "message") return announce(question, told, [sentence]);
  if (route === "navigation") return show(message(title, [sentence], [backButton(question, told)]));
  show(message(title, [sentence, text.close]));
}

function announce(question: Question, told: Told, sentences: string[]): void {
  show(message(told.title, sentences));
  void decide(question, "no", told);
}

function backButton(question: Question, told: Told): HTMLElement {
  const back = button(text.back(question.origin), "yes", () => {
    back.disabled = true;
    void decide(question, "no", told);
  });
  return back;
}

function isExpired(): boolean {
  return Date.now() >= deadlineMs;
}

function whenExpired(then: () => void): void {
  setTimeout(then, Math.min(deadlineMs - Date.now(), maximumTimerMs));
  // Timers stand still while a computer sleeps.
  document.addEventListener("visibilitychange", () => isExpired() && then());
}

/* ---- What can go wrong ---- */

function showNothing(): void {
  const home = element("a", { className: "button", href: "/", textContent: text.nothing.home });
  show(message(text.nothing.title, [text.nothing.text], [home]));
}

function showNobodyWaits(question: Question, reason: "lost" | "gone"): void {
  const { origin, service } = question;
  if (reason === "gone") return show(message(text.gone.title, [text.gone.text(origin), text.gone.advice]));
  show(message(text.lost.title, [text.lost.text(service.name, origin), text.lost.advice]));
}

function showGoneTooLate(question: Question): void {
  const { title, advice } = text.goneTooLate;
  show(message(title, [text.goneTooLate.text(question.origin), advice]));
}

/** The same decision once more: Yes only through the gate again. */
function showUnreachable(question: Question, decision: Decision["decision"], told: Told): void {
  if (decision === "yes") return askAgain(question);
  const retry = button(text.unreachable.retry, "yes", () => {
    retry.disabled = true;
    void decide(question, decision, told);
  });
  show(message(text.unreachable.title, [text.unreachable.text], [retry]));
}

function askAgain(question: Question): void {
  isOpen = true;
  if (isExpired()) return expire(question);
  ask(question, text.unreachable.notice);
}

function showFailure(question: Question, status: number, refusal: Refusal | undefined): void {
  const unexplained = status === 429 ? text.failed.busy : text.failed.unknown(status);
  const sentences = [refusal?.error_description ?? unexplained, text.failed.advice];
  const answer = refusal?.answer;
  if (answer === undefined) return show(message(text.failed.title, sentences));
  if ("message" in answer) {
    tell(answer);
    return show(message(text.failed.title, [...sentences, text.close]));
  }
  const back = button(text.back(question.origin), "yes", () => location.replace(answer.location));
  show(message(text.failed.title, sentences, [back]));
}
