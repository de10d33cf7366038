import type { Answer, Decision, Question } from "../../shared/question.ts";
import { liveOpener, readAnswer } from "../confirmation/answer.ts";
import { atDeadline, isPast } from "../confirmation/countdown.ts";
import type { Gate } from "../confirmation/gate.ts";
import { addressElement, originElement, originNotices } from "../confirmation/origin.ts";
import { noticeElement } from "../confirmation/origin-notices.ts";
import type { Reply } from "../confirmation/post.ts";
import { postJson, wake } from "../confirmation/post.ts";
import { readLogin, readQuestion } from "../confirmation/question.ts";
import { questionElement } from "../confirmation/question-view.ts";
import { guard, yesButton } from "../confirmation/yes-button.ts";
import { buttonOnce, element, find, paragraphs } from "../page/dom.ts";
import { forgetFragment, takeFragment } from "../page/fragment.ts";
import { isFramed } from "../page/framed.ts";
import { descriptionOf, nameOfService } from "../page/services.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { english, loadLanguage, text, texts, translation } from "../page/text.ts";
import { isObject } from "../page/values.ts";
import { say, show, showMessage } from "../page/view.ts";

/**
 * The question, the decision and its delivery. What is rarely said has a script of its own (`confirm-rarely.ts`), which
 * this one loads when it comes to that.
 */

const path = "/confirm";
const closeAfterMs = 300;
/** How long before its end the question says how much time is left. */
const countdownMs = 120_000;
/** The longest scope of the catalogue. */
const scopeCharacters = 48;

/** How the result can reach the app at this moment. */
export type Route = "message" | "navigation" | "lost" | "gone";

/** What the page says once the app knows. */
export interface Told {
  title: TextKey;
  sentences: TextKey[];
}

const toldYes: Told = { title: "confirm.done.title", sentences: ["confirm.done.text"] };
const toldNo: Told = { title: "confirm.declined.title", sentences: ["confirm.declined.text"] };

const hadOpener = window.opener !== null;
/** Closed when something else takes the place of the question. */
let gate: Gate | undefined;
/** When Yes becomes useless, by this computer's clock. */
let deadlineMs = 0;
/** The question can still be answered, and can still expire. */
let isOpen = true;
let isCountedDown = false;
/** About the app's address, wherever the question is asked. */
let warnings: Sentence[] = [];

/** Where the question says how much time is left, when there is little. */
const timeLeft = element("div", { className: "time-left" });

/** What this script lends to the other one. */
const page = {
  ...texts,
  say,
  showMessage,
  about,
  showAbout,
  nameOfService,
  readLogin,
  begin,
  askWith,
  routeOf,
  decide,
  timeLeft,
  hasChanged,
  leave,
  guard,
  yesButton,
};
export type Page = typeof page;

void start();

async function start(): Promise<void> {
  const { value, takenAtMs } = takeFragment(path);
  await loadLanguage("confirm");
  const question = readQuestion(value);
  if (isFramed()) return instead((rare) => rare.showFramed(page));
  if (question !== undefined) return begin(question, takenAtMs);
  instead((rare) => rare.meet(page, value, takenAtMs));
}

function begin(question: Question, takenAtMs: number): void {
  deadlineMs = takenAtMs + question.lifetimeSeconds * 1_000;
  if (question.refused) return instead((rare) => rare.showRefused(page, question));
  if (isPast(deadlineMs)) return expire(question);
  atDeadline(deadlineMs, () => expire(question));
  atDeadline(deadlineMs - countdownMs, () => countDown(question));
  wakeFunctions(question);
  const notices = originNotices(question.origin);
  if (notices.length > 0 || question.claimedHost !== undefined)
    return instead((rare) => rare.warn(page, question, notices));
  ask(question);
}

function expire(question: Question): void {
  if (!isOpen) return;
  isOpen = false;
  instead((rare) => rare.showExpired(page, question));
}

/** A help, and no part of the question, which can be answered without. */
function countDown(question: Question): void {
  if (!isOpen || isCountedDown) return;
  isCountedDown = true;
  void loadRare().then(
    (rare) => rare.countDown(page, question, deadlineMs),
    () => undefined,
  );
}

/** Something on the page has moved, perhaps the buttons: the gate counts anew. */
function hasChanged(): void {
  gate?.restart();
}

/** The question is over, without an answer. */
function leave(): void {
  isOpen = false;
  gate?.close();
  find(".actions").replaceChildren();
}

const loadRare = () => import("./confirm-rarely.ts");
type Rare = Awaited<ReturnType<typeof loadRare>>;

/** From here on the question cannot be answered, whether or not the words arrive that take its place. */
function instead(sayRarely: (rare: Rare) => unknown): void {
  gate?.close();
  find(".actions").replaceChildren();
  loadRare()
    .then(sayRarely)
    .catch(() => showMessage(text("common.unreachable.title"), [text("common.restart")]));
}

function routeOf(question: Question): Route {
  if (question.delivery === "navigation") return "navigation";
  if (liveOpener() !== undefined) return "message";
  if (question.redirectUri !== undefined) return "navigation";
  return hadOpener ? "gone" : "lost";
}

/** Whether the result can reach nobody; then the page says so. */
function nobodyWaits(question: Question): boolean {
  const route = routeOf(question);
  const isCut = route === "lost" || route === "gone";
  if (isCut) instead((rare) => rare.showNobodyWaits(page, question, route));
  return isCut;
}

/** A sentence about this login. */
function about({ origin, service }: Question, key: TextKey): Sentence {
  return text(key, { origin, service: nameOfService(service) });
}

function showAbout(question: Question, title: TextKey, sentences: TextKey[], actions: Node[] = []): void {
  showMessage(
    about(question, title),
    sentences.map((key) => about(question, key)),
    actions,
  );
}

/* ---- The question ---- */

/** An address that is worth a warning is not asked about before the words of it are here [A33][A58]. */
function askWith(sentences: Sentence[], question: Question): void {
  if (!isOpen) return;
  warnings = sentences;
  ask(question);
}

function ask(question: Question, notice?: Sentence): void {
  if (nobodyWaits(question)) return;

  const origin = originElement(question.origin);
  const no = buttonOnce(text("common.no"), "no", () => void decide(question, "no", toldNo));
  const yes = yesButton(text("confirm.yes"));
  show({
    content: [
      ...(notice === undefined ? [] : [noticeElement(notice)]),
      questionElement(question.service, text("confirm.title", { origin })),
      ...destinationElements(question),
      ...warnings.map(noticeElement),
      ...(question.unknownStart ? [noticeElement(about(question, "confirm.unknownStart"))] : []),
      scopesElement(question),
    ],
    actions: [no, yes],
    more: [timeLeft, whyElement(question)],
  });
  gate = guard(yes, [origin, no], () => {
    no.disabled = true;
    void decide(question, "yes", toldYes);
  });
}

/** The page that the result may be sent to, if that is more than the origin, which is shown anyway [A21]. */
function destinationElements({ origin, redirectUri = origin }: Question): HTMLElement[] {
  if (redirectUri === origin || redirectUri === `${origin}/`) return [];
  return [
    element("p", { className: "destination" }, ...text("common.destination"), " ", addressElement(redirectUri, origin)),
  ];
}

/** What comes after the answer starts up while the person reads: our own function and, where the app is known to get a
 * code, the one that redeems it. */
function wakeFunctions({ redirectUri, service }: Question): void {
  wake(path);
  if (redirectUri !== undefined) wake(`/token/${service}`);
}

function scopesElement(question: Question): HTMLElement {
  const items = scopeSentences(question);
  if (question.offline) items.push(text("confirm.offline"));
  const notes: TextKey[] = question.scopesMerged ? ["confirm.merged", "confirm.anyPage"] : ["confirm.anyPage"];
  return element(
    "section",
    { className: "scopes" },
    element("h2", {}, ...text("confirm.can")),
    element("ul", {}, ...items.map((item) => element("li", {}, ...item))),
    ...notes.map((key) => element("p", { className: "note" }, ...about(question, key))),
  );
}

function scopeSentences(question: Question): Sentence[] {
  const { scopes } = question;
  if (scopes === null) return [about(question, "confirm.everything")];
  if (scopes.length === 0) return [about(question, "confirm.standard")];
  return scopes.map((scope) => scopeSentence(question, scope));
}

/** In words where there are any, and always as the service calls it. */
function scopeSentence(question: Question, scope: string): Sentence {
  const description = descriptionOf(scope, question.service);
  if (description === undefined) return [...about(question, "confirm.undescribed"), " ", unknownScopeElement(scope)];
  return [element("span", {}, ...inOtherWords(description)), " ", codeElement(scope)];
}

/** Whatever the app has written: between quotes, which no scope has in it (RFC 6749 §3.3), and no more than fits a line or
 * two, until somebody wants to see the rest. */
function unknownScopeElement(scope: string): HTMLElement {
  const whole = codeElement(`"${scope}"`);
  if (scope.length <= scopeCharacters) return whole;
  const beginning = codeElement(`"${scope.slice(0, scopeCharacters)}…`);
  return element("details", {}, element("summary", {}, beginning), whole);
}

function codeElement(textContent: string): HTMLElement {
  return element("code", { dir: "ltr", textContent });
}

/** By the English words, so that a description of the owner's own is never replaced by another one. */
function inOtherWords(description: string): Sentence {
  const translated = translation(`scope.${description}`);
  return translated === undefined ? english(description) : [translated];
}

/** Few ask, so the answer comes for them only. */
function whyElement(question: Question): HTMLElement {
  const answer = element("div");
  const why = element("details", {}, element("summary", {}, ...text("confirm.why.title")), answer);
  why.addEventListener("toggle", async () => {
    if (!why.open) return;
    const reasons = await loadRare().then(
      (rare) => rare.reasonsFor(page, question),
      () => [text("common.unreachable.title")],
    );
    answer.replaceChildren(...paragraphs(...reasons));
  });
  return why;
}

/* ---- The decision ---- */

/** Tells the server what was shown and decided, and carries out what it answers. */
async function decide(question: Question, decision: Decision["decision"], told: Told): Promise<void> {
  gate?.close();
  if (nobodyWaits(question)) return;

  isOpen = false;
  say(decision === "yes" ? text("confirm.sending.yes") : text("confirm.sending.no"));
  const reply = await postJson(path, {
    ticket: question.ticket,
    origin: question.origin,
    service: question.service,
    decision,
    opener: liveOpener() !== undefined,
    ...(question.redirectUri !== undefined && { redirectUri: question.redirectUri }),
    ...(question.holding !== undefined && { holding: question.holding }),
  } satisfies Decision);

  if (reply === undefined) return showUnheard(question, decision, told, unreachable);
  // A limit of the platform's answers in the place of our function, so the ticket is as good as before.
  if (reply.status === 429) return showUnheard(question, decision, told, busy);
  forgetFragment(path);
  const answer = reply.status === 200 ? readAnswer(reply.body) : undefined;
  if (answer === undefined) return fail(question, reply);
  carryOut(question, answer, told);
}

function carryOut(question: Question, answer: Answer, told: Told): void {
  if ("location" in answer) {
    showAbout(question, told.title, ["confirm.leaving"]);
    // The question must not stay in the history behind the app.
    return location.replace(answer.location);
  }
  if (!tell(answer)) return instead((rare) => rare.showTooLate(page, question));
  showAbout(question, told.title, [...told.sentences, "common.close"]);
  setTimeout(() => window.close(), closeAfterMs);
}

function tell(answer: Extract<Answer, { message: unknown }>): boolean {
  const opener = liveOpener();
  opener?.postMessage(answer.message, answer.targetOrigin);
  return opener !== undefined;
}

/** The app hears of it at once, by a message; going back to it is a click [A43]. */
function fail(question: Question, reply: Reply): void {
  const answer = isObject(reply.body) ? readAnswer(reply.body.answer) : undefined;
  if (answer !== undefined && "message" in answer) tell(answer);
  instead((rare) => rare.showFailure(page, question, reply));
}

/* ---- A decision that nobody has heard ---- */

/** What the page says of it. */
interface Unheard {
  title: TextKey;
  text: TextKey;
  /** Above the question, asked again. */
  notice: TextKey;
}

const unreachable: Unheard = {
  title: "common.unreachable.title",
  text: "common.unreachable.text",
  notice: "confirm.unreachable",
};
const busy: Unheard = { title: "confirm.failed", text: "common.busy", notice: "common.busy" };

/** The same decision once more: Yes only through the gate again. */
function showUnheard(question: Question, decision: Decision["decision"], told: Told, why: Unheard): void {
  if (decision === "yes") return askAgain(question, why.notice);
  const retry = buttonOnce(text("common.again"), "yes", () => void decide(question, decision, told));
  showAbout(question, why.title, [why.text], [retry]);
}

function askAgain(question: Question, notice: TextKey): void {
  isOpen = true;
  if (isPast(deadlineMs)) return expire(question);
  ask(question, text(notice));
}
