import type { Answer, Decision, Question } from "../../shared/page-messages.ts";
import { liveOpener, readAnswer } from "../confirmation/answer.ts";
import { countdownMs } from "../confirmation/countdown.ts";
import { atDeadline, isPast } from "../confirmation/deadline.ts";
import type { Gate } from "../confirmation/gate.ts";
import type { ResultMessage, Route } from "../confirmation/login-texts.ts";
import { loginText } from "../confirmation/login-texts.ts";
import { addressElement, isPlainOrigin, originElement } from "../confirmation/origin.ts";
import { noticeElements } from "../confirmation/origin-notices.ts";
import { isModest } from "../confirmation/permission.ts";
import type { Reply } from "../confirmation/post.ts";
import { postJson } from "../confirmation/post.ts";
import { readQuestion } from "../confirmation/question.ts";
import { questionElement } from "../confirmation/question-view.ts";
import { guard, yesButton } from "../confirmation/yes-button.ts";
import { buttonOnce, element, enable, find, paragraphs } from "../page/dom.ts";
import { forgetFragment, keepFragment, takeFragment } from "../page/fragment.ts";
import { isFramed } from "../page/framed.ts";
import { descriptionOf, identityDescriptions, installationOf } from "../page/services.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { currentLanguage, english, loadLanguage, text, translation } from "../page/text.ts";
import { isObject } from "../page/values.ts";
import { show, showStatus } from "../page/view.ts";

/**
 * Asks whether the login is wanted, sends the decision to the server, and delivers what the server answers. Code that few
 * logins need is in `confirm-fallbacks.ts`, which is loaded on demand, so that this page stays small.
 */

const path = "/confirm";
const closeAfterMs = 300;

const hadOpener = window.opener !== null;
/** Guards the Yes button that is shown. */
let gate: Gate | undefined;
/** When Yes stops working, by this computer's clock. */
let deadlineMs = 0;
/** The question can still be answered, and can still expire. */
let isOpen = true;
let hasCountdown = false;
/** What has to be said besides, if the question is not a usual one. */
let unusual: Fallbacks | undefined;

/** Below the buttons: how much time is left, when there is little. */
const timeLeft = element("div", { className: "time-left" });

void start();

async function start(): Promise<void> {
  const { value, takenAtMs } = takeFragment(path);
  await loadLanguage("confirm");
  const question = readQuestion(value);
  if (isFramed()) return showFallback((fallbacks) => fallbacks.showFramed());
  if (question !== undefined) return openQuestion(question, takenAtMs);
  showFallback(async (fallbacks) => {
    const identified = await fallbacks.identifyApp(value);
    if (identified === undefined) return;
    // Some CMSes answer the handshake only once, so a reload must not need it again.
    keepFragment(path, { value: identified, takenAtMs });
    openQuestion(identified, takenAtMs);
  });
}

function openQuestion(question: Question, takenAtMs: number): void {
  deadlineMs = takenAtMs + question.lifetimeSeconds * 1_000;
  if (question.refused)
    return showFallback((fallbacks) => fallbacks.showRefused(question, routeOf(question), decline(question, "no")));
  if (isPast(deadlineMs)) return expireQuestion(question);
  atDeadline(deadlineMs, () => expireQuestion(question));
  atDeadline(deadlineMs - countdownMs, () => showCountdown(question));
  if (isUsual(question)) return showQuestion(question);
  // The question must not be asked without its warnings, since a misleading address is what they warn of.
  showFallback((fallbacks) => {
    unusual = fallbacks;
    if (isOpen) showQuestion(question);
  });
}

function isUsual(question: Question): boolean {
  const { origin, claimedHost, unknownStart, service, scopes } = question;
  if (claimedHost !== undefined || unknownStart || installationOf(service) !== undefined) return false;
  return isPlainOrigin(origin) && (scopes ?? []).every((scope) => describe(question, scope) !== undefined);
}

function expireQuestion(question: Question): void {
  if (!isOpen) return;
  isOpen = false;
  showFallback((fallbacks) => fallbacks.showExpired(question, routeOf(question), decline(question, "expired")));
}

/** If the countdown cannot be loaded, the question can be answered without it. */
function showCountdown(question: Question): void {
  if (!isOpen || hasCountdown) return;
  hasCountdown = true;
  const close = () => {
    isOpen = false;
    closeGate();
  };
  loadFallbacks()
    .then((fallbacks) => {
      timeLeft.replaceChildren(...fallbacks.countdown(question, deadlineMs, close));
      // The buttons may have moved.
      gate?.restart();
    })
    .catch(() => undefined);
}

function closeGate(): void {
  gate?.close();
  find(".actions").replaceChildren();
}

/** Ends the question and shows something else. Yes and No do not come back, even if the script cannot be loaded. */
function showFallback(showWith: (fallbacks: Fallbacks) => unknown): void {
  closeGate();
  loadFallbacks()
    .then(showWith)
    .catch(() => {
      const [title, advice] = unreachable();
      const retry = buttonOnce(text("common.again"), "yes", () => location.reload());
      show({ content: [element("h1", {}, ...title), ...paragraphs(advice)], actions: [retry] });
    });
}

type Fallbacks = typeof import("./confirm-fallbacks.ts");

async function loadFallbacks(): Promise<Fallbacks> {
  const fallbacks = await import("./confirm-fallbacks.ts");
  await fallbacks.prepare(currentLanguage());
  return fallbacks;
}

function routeOf(question: Question): Route {
  if (question.delivery === "navigation") return "navigation";
  if (liveOpener() !== undefined) return "message";
  if (question.redirectUri !== undefined) return "navigation";
  return hadOpener ? "gone" : "lost";
}

/** If no result can reach the app, the page says so. @returns whether that was the case */
function endIfUndeliverable(question: Question): boolean {
  const route = routeOf(question);
  const isCut = route === "lost" || route === "gone";
  if (isCut) showFallback((fallbacks) => fallbacks.showUndeliverable(question, route));
  return isCut;
}

/* ---- The question ---- */

function showQuestion(question: Question, notice: Sentence[] = []): void {
  if (endIfUndeliverable(question)) return;

  const origin = originElement(question.origin);
  const no = buttonOnce(text("common.no"), "no", () => void sendDecision(question, "no"));
  const yes = yesButton(text("confirm.yes"));
  show({
    content: [
      ...noticeElements(notice),
      questionElement(question.service, text("confirm.title", { origin })),
      ...(unusual?.warnings(question) ?? []),
      ...destinationElements(question),
      scopesElement(question),
    ],
    actions: [no, yes],
    more: [timeLeft, whyElement(question)],
  });
  // Nothing leads to Yes where an address pretends to be another.
  yes.classList.toggle("plain", document.querySelector(".danger") !== null);
  gate = guard(yes, [origin, no], () => {
    enable(no, false);
    void sendDecision(question, "yes");
  });
}

/** The page that gets the result, if its address is more than the origin: an honest origin may have open redirectors. */
function destinationElements({ origin, redirectUri = origin }: Question): HTMLElement[] {
  if (redirectUri === origin || redirectUri === `${origin}/`) return [];
  return [
    element("p", { className: "destination" }, ...text("common.destination"), " ", addressElement(redirectUri, origin)),
  ];
}

function scopesElement(question: Question): HTMLElement {
  const permissions = permissionsOf(question).sort((one, other) => Number(one.isModest) - Number(other.isModest));
  if (question.offline) permissions.push({ words: text("confirm.offline"), isModest: true });
  const notes: TextKey[] = question.scopesMerged ? ["confirm.merged", "confirm.anyPage"] : ["confirm.anyPage"];
  return element(
    "section",
    { className: "scopes" },
    element("h2", {}, ...text("confirm.can")),
    element("ul", {}, ...permissions.map(permissionElement)),
    ...notes.map((key) => element("p", { className: "note" }, ...loginText(question, key))),
  );
}

interface Permission {
  words: Sentence;
  /** No more than reading something limited. Everything else is marked, and stands first. */
  isModest: boolean;
}

/** What the app will know about the user, and what it can do. */
function permissionsOf(question: Question): Permission[] {
  const { scopes, identity = [] } = question;
  // What was chosen when our client was installed. Scopes mean nothing there.
  const chosen = unusual?.chosenAccess(question);
  if (scopes === null) return [accessOf(chosen ?? loginText(question, "confirm.everything"))];
  const known = identity.map((scope) => permissionOf(question, scope));
  if (chosen !== undefined || scopes.length === 0)
    return [...known, accessOf(chosen ?? loginText(question, "confirm.standard"))];
  // The service's own scope of the same name says the same.
  const others = scopes.filter((scope) => !identity.some((each) => each === scope));
  return [...known, ...others.map((scope) => permissionOf(question, scope))];
}

/** Where no list of scopes says what the app can do. */
function accessOf(words: Sentence): Permission {
  return { words, isModest: false };
}

function permissionOf(question: Question, scope: string): Permission {
  const description = describe(question, scope);
  if (description === undefined) return accessOf(unusual!.undescribedScope(question, scope));
  return { words: translatedDescription(description), isModest: isModest(description) };
}

/** Our own scopes mean what we say of them only if the app asked us for them. */
function describe({ service, identity = [] }: Question, scope: string): string | undefined {
  const own = identity.find((each) => each === scope);
  return descriptionOf(scope, service) ?? (own && identityDescriptions[own]);
}

function permissionElement({ words, isModest }: Permission): HTMLElement {
  if (isModest) return element("li", {}, ...words);
  const mark = element("span", { className: "unseen" }, ...text("confirm.important"), " ");
  return element("li", { className: "important" }, mark, ...words);
}

/** The translation is found by the English words, so an owner's own description never gets the translation of another one. */
function translatedDescription(description: string): Sentence {
  const translated = translation(`scope.${description}`);
  return translated === undefined ? english(description) : [translated];
}

/** Few people open this, so its text is loaded when they do. */
function whyElement(question: Question): HTMLElement {
  const answer = element("div");
  const why = element("details", {}, element("summary", {}, ...text("confirm.why.title")), answer);
  why.addEventListener("toggle", async () => {
    if (!why.open) return;
    const sentences = await loadFallbacks().then((fallbacks) => fallbacks.whyAsked(question), unreachable);
    answer.replaceChildren(...paragraphs(...sentences));
  });
  return why;
}

/* ---- The decision ---- */

/**
 * Tells the server what was shown and decided, and delivers its answer.
 *
 * @param message what the page says at the end, unless nobody has to read it
 */
async function sendDecision(
  question: Question,
  decision: Decision["decision"],
  message?: ResultMessage,
): Promise<void> {
  gate?.close();
  if (endIfUndeliverable(question)) return;

  isOpen = false;
  showStatus(decision === "yes" ? text("confirm.sending.yes") : text("confirm.sending.no"));
  const { ticket, origin, service, redirectUri, waitingWindow } = question;
  const opener = liveOpener() !== undefined;
  // JSON leaves out what is undefined.
  const shown: Decision = { ticket, origin, service, redirectUri, decision, opener, waitingWindow };
  const reply = await postJson("/decision", shown);

  const sendAgain = () => void sendDecision(question, decision, message);
  if (reply === undefined && decision === "yes") return askAgain(question, unreachable());
  if (reply === undefined) return showFallback((fallbacks) => fallbacks.showUnreachable(sendAgain));
  // The platform's rate limit has answered, not our function, so the ticket has not been used.
  if (reply.status === 429)
    return showFallback((fallbacks) =>
      decision === "yes" ? askAgain(question, fallbacks.busy()) : fallbacks.showBusy(sendAgain),
    );
  forgetFragment(path);
  const answer = reply.status === 200 ? readAnswer(reply.body) : undefined;
  if (answer === undefined) return showReply(question, reply);
  deliverAnswer(question, answer, decision, message);
}

function decline(question: Question, decision: "no" | "expired"): (message: ResultMessage) => void {
  return (message) => void sendDecision(question, decision, message);
}

function deliverAnswer(
  question: Question,
  answer: Answer,
  decision: Decision["decision"],
  message?: ResultMessage,
): void {
  // Replaces the question in the history: Back in the app must not lead to it.
  if ("location" in answer) return location.replace(answer.location);
  if (!postToOpener(answer)) return showFallback((fallbacks) => fallbacks.showClosedTooEarly(question));
  const showEnd = () => showFallback((fallbacks) => fallbacks.showEnd(question, decision, message));
  if (message?.stays) return showEnd();
  setTimeout(() => {
    window.close();
    // Browsers do not always let a script close a window.
    if (!window.closed) showEnd();
  }, closeAfterMs);
}

function postToOpener(answer: Extract<Answer, { message: unknown }>): boolean {
  const opener = liveOpener();
  opener?.postMessage(answer.message, answer.targetOrigin);
  return opener !== undefined;
}

/**
 * Nothing to deliver: an error, or the end of a login that was only tried. An app that waits for a message gets the error at
 * once. Going back to an app takes a click: we are no redirector.
 */
function showReply(question: Question, reply: Reply): void {
  const answer = isObject(reply.body) ? readAnswer(reply.body.answer) : undefined;
  if (answer !== undefined && "message" in answer) postToOpener(answer);
  showFallback((fallbacks) => fallbacks.showReply(question, reply, routeOf(question), decline(question, "expired")));
}

/* ---- A Yes that did not reach the server ---- */

function unreachable(): [title: Sentence, advice: Sentence] {
  return [text("common.unreachable.title"), text("common.unreachable.text")];
}

/** It must pass the gate again. No can be sent again by one button. */
function askAgain(question: Question, notice: Sentence[]): void {
  isOpen = true;
  if (isPast(deadlineMs)) return expireQuestion(question);
  showQuestion(question, notice);
}
