import { parseAppUrl } from "../../shared/app-url.ts";
import type { Question } from "../../shared/question.ts";
import { liveOpener } from "../confirmation/answer.ts";
import { isPast } from "../confirmation/countdown.ts";
import { isHandshake, shakeHands } from "../confirmation/handshake.ts";
import type { OriginNotice } from "../confirmation/origin.ts";
import { noticeKeys } from "../confirmation/origin-notices.ts";
import type { Reply } from "../confirmation/post.ts";
import { postJson } from "../confirmation/post.ts";
import { explain, readRefusal } from "../confirmation/refusal.ts";
import { button, buttonOnce, element, find } from "../page/dom.ts";
import { keepFragment } from "../page/fragment.ts";
import { homeLink, manageLink } from "../page/links.ts";
import { readServiceAddress } from "../page/service-address.ts";
import { manageUrlOf } from "../page/services.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { only } from "../page/values.ts";
import type { Page, Route, Told } from "./confirm.ts";

/**
 * What the confirmation page rarely needs, most of it instead of the question, in a script of its own: words, and how a CMS
 * is asked for its name. The question, its gate and the delivery of the answer are in the page's own script (`confirm.ts`),
 * which lends what is used here, so that there is one language, one card and one answer.
 */

const path = "/confirm";

/** How long an app may take to say its name before the page says that it is waiting. */
const meetingMs = 5_000;

const toldRefused: Told = { title: "confirm.refused.title", sentences: ["confirm.refused.told"] };
const toldExpired: Told = {
  title: "confirm.expired.title",
  sentences: ["confirm.expired.text", "confirm.expired.told"],
};

/* ---- Beside the question ---- */

/** What a person should know about this address before trusting it [A33][A58]. */
export function warn({ text, askWith }: Page, question: Question, notices: OriginNotice[]): void {
  const { origin, claimedHost: claimed } = question;
  const sentences = notices.map((notice) => text(noticeKeys[notice]));
  if (claimed !== undefined && !isAt(origin, claimed)) sentences.unshift(text("confirm.mismatch", { claimed, origin }));
  askWith(sentences, question);
}

function isAt(origin: string, claimedHost: string): boolean {
  const { host, hostname } = new URL(origin);
  return claimedHost === hostname || claimedHost === host;
}

/** Why it is asked. */
export function reasonsFor({ text, about }: Page, question: Question): Sentence[] {
  const links = manageLink(about(question, "common.manage"), manageUrlOf(question.service));
  return [
    about(question, "confirm.why.reason"),
    text("confirm.why.effect"),
    ...links.map((link) => text("confirm.why.undo", { link })),
  ];
}

/* ---- No login ---- */

export function showFramed({ text, showMessage }: Page): void {
  showMessage(text("confirm.nothing.title"), [text("common.framed")]);
}

function showNothing({ text, showMessage }: Page): void {
  showMessage(text("confirm.nothing.title"), [text("confirm.nothing.text")], [homeLink(text("common.what"))]);
}

/* ---- An app that has no name yet ---- */

/** A CMS has to show who it is before anything can be asked [A8]. Of anything else there is nothing to ask. */
export async function meet(page: Page, value: unknown, takenAtMs: number): Promise<void> {
  const { text, say, showMessage, readLogin, begin } = page;
  const question = readLogin(value, { handshake: only(isHandshake) });
  if (question === undefined) return showNothing(page);

  const opener = liveOpener();
  if (opener === undefined) {
    const cut = text("confirm.cut", { service: page.nameOfService(question.service) });
    return showMessage(text("confirm.lost.title"), [cut, text("confirm.lost.advice")]);
  }
  showMessage(text("confirm.meeting.title"), [text("confirm.meeting.text")]);
  const slow = setTimeout(() => say(text("confirm.meeting.slow")), meetingMs);
  const origin = await shakeHands(opener, question.handshake);
  clearTimeout(slow);
  if (parseAppUrl(origin)?.origin !== origin) {
    return showMessage(text("confirm.unsafe.title"), [text("confirm.unsafe.text", { origin })]);
  }
  // Some CMSes answer once and never again, so a reload must not depend on it.
  keepFragment(path, { value: { ...question, origin }, takenAtMs });
  begin({ ...question, origin }, takenAtMs);
}

/* ---- Nothing to ask ---- */

/** The service has the refusal already; here only the app has to learn of it. */
export function showRefused(page: Page, question: Question): void {
  endWithoutAnswer(page, question, "confirm.refused.text", toldRefused);
}

/** Where the same login can begin once more, the app still waits: it is told only if the person gives up. */
export function showExpired(page: Page, question: Question): void {
  const { about, text, showAbout, routeOf, decide, yesButton, guard } = page;
  const isReachable = ["message", "navigation"].includes(routeOf(question));
  if (!question.canStartAgain || !isReachable)
    return endWithoutAnswer(page, question, "confirm.expired.text", toldExpired);
  const back = buttonOnce(about(question, "confirm.back"), "no", () => void decide(question, "no", toldExpired));
  const again = yesButton(text("confirm.expired.again"));
  showAbout(question, toldExpired.title, ["confirm.expired.text", "confirm.expired.advice"], [back, again]);
  guard(again, [find("h1"), back], () => void startAgain(page, question));
}

/** How much time is left, and a way to get more of it. */
export function countDown(page: Page, question: Question, deadlineMs: number): void {
  const { text, timeLeft, hasChanged } = page;
  const time = element("span", { role: "timer" });
  const again = () => buttonOnce(text("confirm.expired.again"), "again", () => void startAgain(page, question));
  timeLeft.replaceChildren(
    element("p", {}, ...text("confirm.expired.soon", { time })),
    ...(question.canStartAgain ? [again()] : []),
  );
  hasChanged();
  tick(time, deadlineMs);
}

function tick(time: HTMLElement, deadlineMs: number): void {
  time.textContent = minutesUntil(deadlineMs);
  if (!isPast(deadlineMs)) setTimeout(() => tick(time, deadlineMs), 1_000);
}

/** `1:05` */
function minutesUntil(deadlineMs: number): string {
  const seconds = Math.max(0, Math.ceil((deadlineMs - Date.now()) / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** To the service once more. What comes back is a new question, so nothing is handed over by this. */
async function startAgain(page: Page, question: Question): Promise<void> {
  const { text, about, say, showMessage, leave } = page;
  leave();
  say(about(question, "common.going"));
  const { ticket, origin, service } = question;
  const reply = await postJson(`/authorize/${service}`, { ticket, origin });
  if (reply === undefined) {
    const retry = buttonOnce(text("common.again"), "yes", () => void startAgain(page, question));
    return showMessage(text("common.unreachable.title"), [text("common.unreachable.text")], [retry]);
  }
  const destination = readServiceAddress(reply);
  if (destination === undefined) return await showFailure(page, question, reply);
  // The old question must not stay in the history behind the new one.
  location.replace(destination);
}

/** Tells the app, where it can be told. Going back to it is a click [A43]. */
function endWithoutAnswer(page: Page, question: Question, sentence: TextKey, told: Told): void {
  const { routeOf, about, showAbout, decide } = page;
  const route = routeOf(question);
  if (route === "navigation") {
    const back = buttonOnce(about(question, "confirm.back"), "yes", () => void decide(question, "no", told));
    return showAbout(question, told.title, [sentence], [back]);
  }
  if (route !== "message") return showAbout(question, told.title, [sentence, "common.close"]);
  showAbout(question, told.title, [sentence]);
  void decide(question, "no", told);
}

/* ---- What can go wrong ---- */

export function showNobodyWaits({ showAbout }: Page, question: Question, route: Route): void {
  if (route === "gone") return showAbout(question, "confirm.gone.title", ["confirm.gone.text", "common.reopen"]);
  showAbout(question, "confirm.lost.title", ["confirm.lost.text", "confirm.lost.advice"]);
}

/** The app's window has been closed while the server was answering. */
export function showTooLate({ showAbout }: Page, question: Question): void {
  showAbout(question, "confirm.gone.title", ["confirm.gone.late", "common.reopen"]);
}

/** The server has not accepted the answer; an app that waits for a message has heard of it already. */
export async function showFailure(page: Page, question: Question, reply: Reply): Promise<void> {
  const { text, about, showMessage } = page;
  const why: Sentence[] = [await explain(page, reply), text("common.restart")];
  const answer = readRefusal(reply.body)?.answer;
  if (answer === undefined) return showMessage(text("confirm.failed"), why);
  if ("message" in answer) return showMessage(text("confirm.failed"), [...why, text("common.close")]);
  const back = button(about(question, "confirm.back"), "yes", () => location.replace(answer.location));
  showMessage(text("confirm.failed"), why, [back]);
}
