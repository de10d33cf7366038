import { parseAppUrl } from "../netlify/oauth/app-url.ts";
import type { Answer, Decision, Question, Refusal, ShownScope, UnnamedQuestion } from "../netlify/oauth/question.ts";
import { liveOpener, readAnswer } from "./answer.ts";
import { atDeadline, isPast } from "./deadline.ts";
import { button, element, paragraphs } from "./dom.ts";
import { forgetFragment, keepFragment, takeFragment } from "./fragment.ts";
import type { Gate } from "./gate.ts";
import { shakeHands } from "./handshake.ts";
import { manageLink } from "./links.ts";
import { isFramed, showFramed, showNothing } from "./nothing.ts";
import { noticeElement, originNoticeElements } from "./notices.ts";
import { originElement } from "./origin.ts";
import { postJson, wake } from "./post.ts";
import type { Reply } from "./post.ts";
import { questionElement } from "./question-view.ts";
import { readQuestion, readUnnamedQuestion } from "./question.ts";
import { explain, unintelligible } from "./refusal.ts";
import { english, loadLanguage, text, translation } from "./text.ts";
import type { Sentence, TextKey } from "./text.ts";
import { message, say, show } from "./view.ts";
import { guard, yesButton } from "./yes-button.ts";

const path = "/confirm";
const closeAfterMs = 300;

/** How long an app may take to say its name before the page says that it is waiting. */
const meetingMs = 5_000;

/** How the result can reach the app at this moment. */
type Route = "message" | "navigation" | "lost" | "gone";

/** What the page says once the app knows. */
interface Told {
  title: TextKey;
  sentences: TextKey[];
}

const toldYes: Told = { title: "confirm.done.title", sentences: ["confirm.done.text"] };
const toldNo: Told = { title: "confirm.declined.title", sentences: ["confirm.declined.text"] };
const toldRefused: Told = { title: "confirm.refused.title", sentences: ["confirm.refused.told"] };
const toldExpired: Told = { title: "confirm.expired.title", sentences: ["confirm.expired.text", "confirm.expired.told"] };

const hadOpener = window.opener !== null;
/** Closed when something else takes the place of the question. */
let gate: Gate | undefined;
/** When Yes becomes useless, by this computer's clock. */
let deadlineMs = 0;
/** The question can still be answered, and can still expire. */
let isOpen = true;

void start();

async function start(): Promise<void> {
  const { value, takenAtMs } = takeFragment(path);
  await loadLanguage("confirm");
  const question = readQuestion(value);
  const unnamed = readUnnamedQuestion(value);
  if (isFramed()) return showFramed("confirm.nothing.title");
  if (question !== undefined) return begin(question, takenAtMs);
  if (unnamed !== undefined) return await meet(unnamed, takenAtMs);
  showNothing("confirm.nothing.title", "confirm.nothing.text");
}

/** A CMS has to show who it is before anything can be asked [A8]. */
async function meet(question: UnnamedQuestion, takenAtMs: number): Promise<void> {
  const opener = liveOpener();
  if (opener === undefined) {
    const cut = text("confirm.cut", { service: question.service.name });
    return show(message(text("confirm.lost.title"), [cut, text("confirm.lost.advice")]));
  }
  show(message(text("confirm.meeting.title"), [text("confirm.meeting.text")]));
  const slow = setTimeout(() => say(text("confirm.meeting.slow")), meetingMs);
  const origin = await shakeHands(opener, question.handshake);
  clearTimeout(slow);
  if (parseAppUrl(origin)?.origin !== origin) {
    return show(message(text("confirm.unsafe.title"), [text("confirm.unsafe.text", { origin })]));
  }
  // Some CMSes answer once and never again, so a reload must not depend on it.
  keepFragment(path, { value: { ...question, origin }, takenAtMs });
  begin({ ...question, origin }, takenAtMs);
}

function begin(question: Question, takenAtMs: number): void {
  deadlineMs = takenAtMs + question.lifetimeSeconds * 1_000;
  if (question.refused) return refusedAtService(question);
  if (isPast(deadlineMs)) return expire(question);
  atDeadline(deadlineMs, () => expire(question));
  ask(question);
  wakeFunctions(question);
}

function routeOf(question: Question): Route {
  if (question.delivery === "navigation") return "navigation";
  if (liveOpener() !== undefined) return "message";
  if (question.canNavigate) return "navigation";
  return hadOpener ? "gone" : "lost";
}

/** A sentence about this login. */
function about({ origin, service }: Question, key: TextKey): Sentence {
  return text(key, { origin, service: service.name });
}

function showMessage(question: Question, title: TextKey, sentences: TextKey[], actions: Node[] = []): void {
  show(message(about(question, title), sentences.map((key) => about(question, key)), actions));
}

/* ---- The question ---- */

function ask(question: Question, notice?: Sentence): void {
  const route = routeOf(question);
  if (route === "lost" || route === "gone") return showNobodyWaits(question, route);

  const origin = originElement(question.origin);
  const no = button(text("common.no"), "no", () => {
    no.disabled = true;
    void decide(question, "no", toldNo);
  });
  const yes = yesButton(text("confirm.yes"));
  show({
    content: [
      ...(notice === undefined ? [] : [noticeElement(notice)]),
      questionElement(question.service, text("confirm.title", { origin })),
      ...noticesElements(question),
      scopesElement(question),
    ],
    actions: [no, yes],
    more: [whyElement(question)],
  });
  // In a very small window, the address is what has to be seen.
  origin.scrollIntoView({ block: "nearest" });
  gate = guard(yes, [origin, no], () => {
    no.disabled = true;
    void decide(question, "yes", toldYes);
  });
}

/** What comes after the answer starts up while the person reads: our own function and, where the app is known to get a
 * code, the one that redeems it. */
function wakeFunctions({ delivery, canNavigate, service }: Question): void {
  wake(path);
  if (delivery === "navigation" || canNavigate) wake(`/token/${service.id}`);
}

function isAt(origin: string, claimedHost: string): boolean {
  const { host, hostname } = new URL(origin);
  return claimedHost === hostname || claimedHost === host;
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
function scopeSentence(question: Question, { value, description }: ShownScope): Sentence {
  const code = element("code", { dir: "ltr", textContent: value });
  if (description === undefined) return [code, " ", element("small", {}, ...about(question, "confirm.undescribed"))];
  return [element("span", {}, ...inOtherWords(description)), " ", code];
}

/** By the English words, so that a description of the owner's own is never replaced by another one. */
function inOtherWords(description: string): Sentence {
  const translated = translation(`scope.${description}`);
  return translated === undefined ? english(description) : [translated];
}

function noticesElements(question: Question): HTMLElement[] {
  const notices = originNoticeElements(question.origin);
  const { origin, claimedHost } = question;
  if (claimedHost !== undefined && !isAt(origin, claimedHost)) {
    notices.unshift(noticeElement(text("confirm.mismatch", { claimed: claimedHost, origin })));
  }
  if (question.unknownStart) notices.push(noticeElement(about(question, "confirm.unknownStart")));
  return notices;
}

function whyElement(question: Question): HTMLElement {
  const why = element("details", {}, element("summary", {}, ...text("confirm.why.title")));
  why.append(...paragraphs(about(question, "confirm.why.reason"), text("confirm.why.effect")));
  const links = manageLink(about(question, "common.manage"), question.service.manageUrl);
  why.append(...paragraphs(...links.map((link) => text("confirm.why.undo", { link }))));
  return why;
}

/* ---- The decision ---- */

/** Tells the server what was shown and decided, and carries out what it answers. */
async function decide(question: Question, decision: Decision["decision"], told: Told): Promise<void> {
  gate?.close();
  const route = routeOf(question);
  if (route === "lost" || route === "gone") return showNobodyWaits(question, route);

  isOpen = false;
  say(decision === "yes" ? text("confirm.sending.yes") : text("confirm.sending.no"));
  const reply = await postJson(path, {
    ticket: question.ticket,
    origin: question.origin,
    service: question.service.id,
    decision,
    opener: liveOpener() !== undefined,
    ...(question.holding !== undefined && { holding: question.holding }),
  } satisfies Decision);

  if (reply.kind === "unreachable") return showUnheard(question, decision, told, unreachable);
  if (isTurnedAway(reply)) return showUnheard(question, decision, told, busy);
  forgetFragment(path);
  if (reply.kind === "refusal") return await showRefusal(question, reply);
  const answer = readAnswer(reply.body);
  if (answer === undefined) return showFailure(unintelligible(200));
  carryOut(question, answer, told);
}

function carryOut(question: Question, answer: Answer, told: Told): void {
  if ("location" in answer) {
    showMessage(question, told.title, ["confirm.leaving"]);
    // The question must not stay in the history behind the app.
    return location.replace(answer.location);
  }
  if (!tell(answer)) return showMessage(question, "confirm.gone.title", ["confirm.gone.late", "common.reopen"]);
  showMessage(question, told.title, [...told.sentences, "common.close"]);
  setTimeout(() => window.close(), closeAfterMs);
}

function tell(answer: Extract<Answer, { message: unknown }>): boolean {
  const opener = liveOpener();
  opener?.postMessage(answer.message, answer.targetOrigin);
  return opener !== undefined;
}

/* ---- Nothing to ask ---- */

/** The service has the refusal already; here only the app has to learn of it. */
function refusedAtService(question: Question): void {
  endWithoutAnswer(question, "confirm.refused.text", toldRefused);
}

function expire(question: Question): void {
  if (!isOpen) return;
  isOpen = false;
  gate?.close();
  endWithoutAnswer(question, "confirm.expired.text", toldExpired);
}

/** Tells the app, where it can be told. Going back to it is a click [A43]. */
function endWithoutAnswer(question: Question, sentence: TextKey, told: Told): void {
  const route = routeOf(question);
  if (route === "navigation") return showMessage(question, told.title, [sentence], [backButton(question, told)]);
  if (route !== "message") return showMessage(question, told.title, [sentence, "common.close"]);
  showMessage(question, told.title, [sentence]);
  void decide(question, "no", told);
}

function backButton(question: Question, told: Told): HTMLElement {
  const back = button(about(question, "confirm.back"), "yes", () => {
    back.disabled = true;
    void decide(question, "no", told);
  });
  return back;
}

/* ---- What can go wrong ---- */

function showNobodyWaits(question: Question, reason: "lost" | "gone"): void {
  if (reason === "gone") return showMessage(question, "confirm.gone.title", ["confirm.gone.text", "common.reopen"]);
  showMessage(question, "confirm.lost.title", ["confirm.lost.text", "confirm.lost.advice"]);
}

/** What the page says of a decision that has reached nobody. */
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

/** A limit of the platform's (429) answers in the place of our function, so the ticket is as good as before. */
function isTurnedAway(reply: Reply): boolean {
  return reply.kind === "refusal" && reply.status === 429 && reply.refusal === undefined;
}

/** The same decision once more: Yes only through the gate again. */
function showUnheard(question: Question, decision: Decision["decision"], told: Told, why: Unheard): void {
  if (decision === "yes") return askAgain(question, why.notice);
  const retry = button(text("common.again"), "yes", () => {
    retry.disabled = true;
    void decide(question, decision, told);
  });
  showMessage(question, why.title, [why.text], [retry]);
}

function askAgain(question: Question, notice: TextKey): void {
  isOpen = true;
  if (isPast(deadlineMs)) return expire(question);
  ask(question, text(notice));
}

async function showRefusal(question: Question, refused: { status: number; refusal: Refusal | undefined }): Promise<void> {
  const answer = refused.refusal?.answer;
  if (answer === undefined) return showFailure(await explain(refused));
  if ("message" in answer) {
    tell(answer);
    return showFailure(await explain(refused), [text("common.close")]);
  }
  const back = button(about(question, "confirm.back"), "yes", () => location.replace(answer.location));
  showFailure(await explain(refused), [], [back]);
}

function showFailure(why: Sentence, more: Sentence[] = [], actions: Node[] = []): void {
  show(message(text("confirm.failed"), [why, text("common.restart"), ...more], actions));
}
