import { parseAppUrl } from "../../shared/app-url.ts";
import type { Answer, Decision, Question, TrialResult } from "../../shared/page-messages.ts";
import { liveOpener } from "../confirmation/answer.ts";
import { countdownElement } from "../confirmation/countdown.ts";
import { atDeadline } from "../confirmation/deadline.ts";
import { explainError, readError } from "../confirmation/error-reply.ts";
import { shakeHands } from "../confirmation/handshake.ts";
import type { ResultMessage, Route } from "../confirmation/login-texts.ts";
import { loginText, resultMessage, showLoginMessage } from "../confirmation/login-texts.ts";
import { noticeElements, originWarnings } from "../confirmation/origin-notices.ts";
import type { Reply } from "../confirmation/post.ts";
import { postJson } from "../confirmation/post.ts";
import { readUnnamedQuestion } from "../confirmation/question.ts";
import { guard, yesButton } from "../confirmation/yes-button.ts";
import { button, buttonOnce, element, find } from "../page/dom.ts";
import { closeButton, externalLink, homeLink } from "../page/links.ts";
import { showFramed as showFramedPage, showNothing } from "../page/nothing-to-do.ts";
import { readServiceAddress } from "../page/service-address.ts";
import { installationOf, manageUrlOf, nameOfService } from "../page/services.ts";
import type { Language, Sentence, TextKey } from "../page/text.ts";
import { english, text, translation, useLanguage } from "../page/text.ts";
import { isObject, isText } from "../page/values.ts";
import { showMessage, showStatus } from "../page/view.ts";

/**
 * What the confirmation page seldom needs, in a script that it loads by its address (`confirm.ts`). It shares the language
 * with the page and nothing else: what it needs to know, it is given.
 */

/** Before anything else is called. */
export async function prepare(language: Language): Promise<void> {
  useLanguage(language);
  styles ??= loadStyles();
  await styles;
}

let styles: Promise<void> | undefined;

/** Whatever they apply to can be read without them, too. */
function loadStyles(): Promise<void> {
  return new Promise((resolve) => {
    const link = element("link", { rel: "stylesheet", href: "/card.css" });
    for (const end of ["load", "error"]) link.addEventListener(end, () => resolve());
    document.head.append(link);
  });
}

/** How long an app may take to identify itself before the page says that it is waiting. */
const slowHandshakeMs = 5_000;

/** How long before the end the question says once more that there is little time. More than 20 s, which WCAG 2.2.1 asks for. */
const hurryMs = 25_000;

/** The length of the longest scope in the catalogue. */
const wholeScopeCharacters = 48;

/** Sends No to the server, or that the time is over, so that the app is told; then shows the message. */
type Decline = (message: ResultMessage) => void;

/* ---- Beside the question ---- */

/** What a person should know before trusting this app. An address that pretends to be another comes first, and in red. */
export function warnings(question: Question): Node[] {
  const { origin, claimedHost: claimed, unknownStart } = question;
  const isMismatch = claimed !== undefined && !isAt(origin, claimed);
  const start = unknownStart ? [loginText(question, "confirm.unknownStart")] : [];
  return [
    ...noticeElements(isMismatch ? [text("confirm.mismatch", { claimed, origin })] : [], "notice danger"),
    ...noticeElements([...originWarnings(origin), ...start]),
  ];
}

function isAt(origin: string, claimedHost: string): boolean {
  const { host, hostname } = new URL(origin);
  return claimedHost === hostname || claimedHost === host;
}

/** What was chosen when our client was installed at the service, and where to change it. `undefined`: scopes count. */
export function chosenAccess(question: Question): Sentence | undefined {
  const installation = installationOf(question.service);
  if (installation === undefined) return undefined;
  const { description, url } = installation;
  const [link] = externalLink(loginText(question, "confirm.choose"), url);
  const translated = translation(`scope.${description}`);
  const words = translated === undefined ? english(description) : [translated];
  // The description is no sentence, so the link has a line of its own.
  return link === undefined ? words : [...words, element("br"), link];
}

/** The service's own name of a scope stands there only if nothing else explains it (and in `whyAsked`). */
export function undescribedScope(question: Question, scope: string): Sentence {
  return [...loginText(question, "confirm.undescribed"), " ", unknownScopeElement(scope)];
}

/**
 * The app may have invented this scope. It stands between quotation marks, which no scope contains (RFC 6749 §3.3), and is
 * cut to a line or two until somebody opens it.
 */
function unknownScopeElement(scope: string): HTMLElement {
  const whole = codeElement(`"${scope}"`);
  if (scope.length <= wholeScopeCharacters) return whole;
  const beginning = codeElement(`"${scope.slice(0, wholeScopeCharacters)}…`);
  return element("details", {}, element("summary", {}, beginning), whole);
}

function codeElement(textContent: string): HTMLElement {
  return element("code", { dir: "ltr", textContent });
}

/** Answers "Why am I asked?". */
export function whyAsked(question: Question): Sentence[] {
  const links = externalLink(loginText(question, "common.manage"), manageUrlOf(question.service));
  return [
    loginText(question, "confirm.why.reason"),
    text("confirm.why.effect"),
    ...links.map((link) => text("confirm.why.undo", { link })),
    ...scopeNames(question),
  ];
}

/** For developers, to read and to copy. */
function scopeNames({ scopes }: Question): Sentence[] {
  if (scopes === null || scopes.length === 0) return [];
  return [text("confirm.why.names", { names: codeElement(scopes.join(" ")) })];
}

/** The time that is left, and a button to get more of it. */
export function countdown(question: Question, deadlineMs: number, closeQuestion: () => void): Node[] {
  const time = countdownElement(deadlineMs);
  // Screen readers announce it as soon as there is something in it (WCAG 2.2.1).
  const hurry = element("div", { className: "unseen", role: "alert" });
  atDeadline(deadlineMs - hurryMs, () => hurry.replaceChildren(...text("confirm.expired.hurry")));
  return [
    hurry,
    element("p", {}, ...text("confirm.expired.soon", { time })),
    ...(question.canStartAgain ? [startAgainButton(question, closeQuestion)] : []),
  ];
}

function startAgainButton(question: Question, closeQuestion: () => void): HTMLElement {
  return buttonOnce(text("confirm.expired.again"), "again", () => {
    closeQuestion();
    void startAgain(question);
  });
}

/* ---- No login ---- */

export function showFramed(): void {
  showFramedPage("confirm.nothing.title");
}

/* ---- An app whose origin is not known yet ---- */

/**
 * A CMS says in its request only that it will be there to answer. So its origin is learnt from a handshake, where the
 * browser vouches for it.
 *
 * @returns `undefined` if there is nothing to ask; the page then says why
 */
export async function identifyApp(value: unknown): Promise<Question | undefined> {
  const question = readUnnamedQuestion(value);
  if (question === undefined) return void showNothing("confirm.nothing.title", "confirm.nothing.text");
  const opener = liveOpener();
  if (opener === undefined) return void showCut(question.service);

  showMessage(text("confirm.meeting.title"), [text("confirm.meeting.text")], [closeButton()]);
  const slow = setTimeout(() => showStatus(text("confirm.meeting.slow")), slowHandshakeMs);
  const origin = await shakeHands(opener, question.handshake);
  clearTimeout(slow);
  if (parseAppUrl(origin)?.origin !== origin) return void showUnsafe(origin);
  return { ...question, origin };
}

function showCut(service: string): void {
  const cut = text("confirm.cut", { service: nameOfService(service) });
  showMessage(text("confirm.lost.title"), [cut, text("confirm.lost.advice")], [closeButton()], "failed");
}

function showUnsafe(origin: string): void {
  showMessage(text("confirm.unsafe.title"), [text("confirm.unsafe.text", { origin })], [closeButton()], "failed");
}

/* ---- A login that was only tried ---- */

function readTrialResult({ status, body }: Reply): TrialResult["trial"] | undefined {
  if (status !== 200 || !isObject(body) || !isObject(body.trial)) return undefined;
  const { name, revoked, installed } = body.trial;
  return { ...(isText(name) && { name }), revoked: revoked === true, installed: installed !== false };
}

function showTrialResult(question: Question, { name, revoked, installed }: TrialResult["trial"]): void {
  const title = name === undefined ? text("try.done.nameless") : text("try.done.title", { name });
  const links = revoked ? [] : externalLink(loginText(question, "common.manage"), manageUrlOf(question.service));
  const sentences: Sentence[] = [
    loginText(question, installed ? "try.done.text" : "try.done.uninstalled"),
    ...(installed ? [] : installSentences(question)),
    loginText(question, revoked ? "try.done.revoked" : "try.done.dropped"),
    ...links.map((link) => [link]),
  ];
  showMessage(title, sentences, [homeLink(text("signOut.home"))], installed ? "done" : "failed");
}

/** Where to install our client, if the owner has named it. */
function installSentences(question: Question): Sentence[] {
  const links = externalLink(loginText(question, "confirm.choose"), installationOf(question.service)?.url);
  return links.map((link) => [link]);
}

/* ---- The end ---- */

/** The app has been told. */
export function showEnd(question: Question, decision: Decision["decision"], message = endOf(question, decision)): void {
  showMessage(message.title, message.sentences, [closeButton()], message.outcome);
}

function endOf(question: Question, decision: Decision["decision"]): ResultMessage {
  if (decision !== "yes") return resultMessage(question, "confirm.declined.title", ["confirm.declined.text"]);
  return { ...resultMessage(question, "confirm.done.title", ["confirm.done.text"]), outcome: "done" };
}

/* ---- Nothing left to ask ---- */

/** The person has refused at the service already; only the app has to be told. */
export function showRefused(question: Question, route: Route, decline: Decline): void {
  const message = resultMessage(question, "confirm.refused.title", ["confirm.refused.told"]);
  endWithoutQuestion(question, route, "confirm.refused.text", message, decline);
}

/** If the login can start again, the app goes on waiting, and is told only when the person gives up. */
export function showExpired(question: Question, route: Route, decline: Decline): void {
  const message: ResultMessage = {
    ...resultMessage(question, "confirm.expired.title", ["confirm.expired.text", "confirm.expired.told"]),
    outcome: "failed",
  };
  const isReachable = route === "message" || route === "navigation";
  if (!question.canStartAgain || !isReachable)
    return endWithoutQuestion(question, route, "confirm.expired.text", { ...message, stays: true }, decline);
  const back = buttonOnce(loginText(question, "confirm.back"), "no", () => decline(message));
  const again = yesButton(text("confirm.expired.again"));
  showLoginMessage(
    question,
    "confirm.expired.title",
    ["confirm.expired.text", "confirm.expired.advice"],
    [back, again],
  );
  guard(again, [find("h1"), back], () => void startAgain(question));
}

/** Goes to the service again. The login comes back with a new question, so this hands nothing over. */
async function startAgain(question: Question): Promise<void> {
  find(".actions").replaceChildren();
  showStatus(loginText(question, "common.going"));
  const { ticket, origin, service } = question;
  const reply = await postJson(`/authorize/${service}`, { ticket, origin });
  if (reply === undefined) return showUnreachable(() => void startAgain(question));
  const destination = readServiceAddress(reply);
  if (destination === undefined) return await showRejection(question, reply);
  // Replaces the old question in the history, so that Back does not lead to it.
  location.replace(destination);
}

/** Tells the app if it can be told. Going back to an app takes a click: we are no redirector. */
function endWithoutQuestion(
  question: Question,
  route: Route,
  sentence: TextKey,
  message: ResultMessage,
  decline: Decline,
): void {
  if (route === "navigation") {
    const back = buttonOnce(loginText(question, "confirm.back"), "yes", () => decline(message));
    return showMessage(message.title, [loginText(question, sentence)], [back], message.outcome);
  }
  showMessage(message.title, [loginText(question, sentence)], [closeButton()], message.outcome);
  if (route !== "message") return;
  decline(message);
}

/* ---- Errors ---- */

export function showUndeliverable(question: Question, route: "lost" | "gone"): void {
  const [title, ...sentences]: [TextKey, ...TextKey[]] =
    route === "gone"
      ? ["confirm.gone.title", "confirm.gone.text", "common.reopen"]
      : ["confirm.lost.title", "confirm.lost.text", "confirm.lost.advice"];
  showLoginMessage(question, title, sentences, [closeButton()]);
}

/** The app's window was closed while the server was answering. */
export function showClosedTooEarly(question: Question): void {
  showLoginMessage(question, "confirm.gone.title", ["confirm.gone.late", "common.reopen"], [closeButton()]);
}

/** The server has answered with nothing to deliver. */
export async function showReply(question: Question, reply: Reply, route: Route, decline: Decline): Promise<void> {
  const result = readTrialResult(reply);
  if (result === undefined) return await showError(question, reply, route, decline);
  showTrialResult(question, result);
}

/** The server did not accept the decision. An app that waits for a message has been told already. */
async function showError(question: Question, reply: Reply, route: Route, decline: Decline): Promise<void> {
  const error = readError(reply.body);
  // Yes has come a moment too late. The ticket still opens, so the login can start again.
  if (error?.reason === "expired" && error.answer === undefined) return showExpired(question, route, decline);
  await showRejection(question, reply);
}

async function showRejection(question: Question, reply: Reply): Promise<void> {
  const { reason, answer } = readError(reply.body) ?? {};
  const sentences: Sentence[] = [
    await explainError(reply),
    ...(reason === "not_installed" ? installSentences(question) : []),
    text("common.restart"),
  ];
  showMessage(text("confirm.failed"), sentences, [wayBack(question, answer) ?? closeButton()], "failed");
}

/** The server is asked too often. */
export function busy(): Sentence[] {
  return [text("common.busy")];
}

export function showBusy(retry: () => void): void {
  offerRetry(text("confirm.failed"), busy(), retry);
}

export function showUnreachable(retry: () => void): void {
  offerRetry(text("common.unreachable.title"), [text("common.unreachable.text")], retry);
}

function offerRetry(title: Sentence, sentences: Sentence[], retry: () => void): void {
  showMessage(title, sentences, [buttonOnce(text("common.again"), "yes", retry)], "failed");
}

/** Going back to an app takes a click: we are no redirector. */
function wayBack(question: Question, answer: Answer | undefined): HTMLElement | undefined {
  if (answer === undefined || !("location" in answer)) return undefined;
  return button(loginText(question, "confirm.back"), "yes", () => location.replace(answer.location));
}
