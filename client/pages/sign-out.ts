import type { Decision, SignOutQuestion } from "../../shared/page-messages.ts";
import { atDeadline, isPast } from "../confirmation/deadline.ts";
import { explainError } from "../confirmation/error-reply.ts";
import type { Gate } from "../confirmation/gate.ts";
import type { Reply } from "../confirmation/post.ts";
import { postJson } from "../confirmation/post.ts";
import { readSignOutQuestion } from "../confirmation/question.ts";
import { questionElement } from "../confirmation/question-view.ts";
import { guard, yesButton } from "../confirmation/yes-button.ts";
import { button, element, enable } from "../page/dom.ts";
import { forgetFragment, takeFragment } from "../page/fragment.ts";
import { isFramed } from "../page/framed.ts";
import { externalLink, homeLink } from "../page/links.ts";
import { showFramed, showNothing } from "../page/nothing-to-do.ts";
import { manageUrlOf, nameOfService } from "../page/services.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { loadLanguage, text } from "../page/text.ts";
import { isObject } from "../page/values.ts";
import type { Outcome } from "../page/view.ts";
import { messageView, show, showStatus } from "../page/view.ts";

/** "Sign out everywhere", after its login: asks, then has the server revoke every app's access at the service. */

const path = "/sign-out";

let gate: Gate | undefined;
/** The question can still be answered, and can still expire. */
let isOpen = true;

void start();

async function start(): Promise<void> {
  const { value, takenAtMs } = takeFragment(path);
  await loadLanguage("sign-out");
  const question = readSignOutQuestion(value);
  if (isFramed()) return showFramed("signOut.nothing.title");
  if (question === undefined) return showNothing("signOut.nothing.title", "signOut.nothing.text", text("signOut.home"));
  if (question.refused) return showEnd(signOutText(question, "signOut.refused.title"), [text("signOut.refused.text")]);
  const deadlineMs = takenAtMs + question.lifetimeSeconds * 1_000;
  if (isPast(deadlineMs)) return expireQuestion(question);
  showQuestion(question);
  atDeadline(deadlineMs, () => expireQuestion(question));
}

/** A sentence about this service. */
function signOutText({ service }: SignOutQuestion, key: TextKey): Sentence {
  return text(key, { service: nameOfService(service) });
}

function showQuestion(question: SignOutQuestion): void {
  const title = questionElement(
    question.service,
    signOutText(question, "signOut.title"),
    signOutText(question, "signOut.account"),
  );
  const no = button(text("common.no"), "no", () => {
    gate?.close();
    showEnd(text("signOut.kept.title"), [text("signOut.kept.text")]);
  });
  const yes = yesButton(text("signOut.yes"));
  // Nobody is led to end something by a colour.
  yes.classList.add("plain");
  show({
    content: [
      title,
      element("p", {}, ...signOutText(question, "signOut.effect")),
      element("p", {}, ...text("signOut.later")),
      element("p", { className: "note" }, ...signOutText(question, "signOut.stays")),
    ],
    actions: [no, yes],
  });
  gate = guard(yes, [title.querySelector("h1")!, no], () => {
    enable(no, false);
    void signOut(question);
  });
}

async function signOut(question: SignOutQuestion): Promise<void> {
  isOpen = false;
  showStatus(text("signOut.ending"));
  const { ticket, service } = question;
  const decision: Decision = { ticket, origin: location.origin, service, decision: "yes", opener: false };
  const reply = await postJson("/decision", decision);
  if (reply === undefined) return endWithError(question, text("signOut.failed.unreachable"));
  if (!hasEnded(reply)) return endWithError(question, await explainError(reply));
  showEnd(
    signOutText(question, "signOut.done.title"),
    [signOutText(question, "signOut.done.text")],
    "done",
    manageElements(question),
  );
}

function hasEnded({ status, body }: Reply): boolean {
  return status === 200 && isObject(body) && body.ended === true;
}

function expireQuestion(question: SignOutQuestion): void {
  if (!isOpen) return;
  gate?.close();
  const sentences = [signOutText(question, "signOut.expired.text"), text("signOut.failed.advice")];
  showEnd(text("signOut.expired.title"), sentences, "failed");
}

function endWithError(question: SignOutQuestion, explanation: Sentence): void {
  const sentences = [explanation, text("signOut.failed.advice")];
  showEnd(text("signOut.failed.title"), sentences, "failed", manageElements(question));
}

/** Shows the result. A reload must not ask again. */
function showEnd(title: Sentence, sentences: Sentence[], outcome?: Outcome, more: Node[] = []): void {
  isOpen = false;
  forgetFragment(path);
  const view = messageView(title, sentences, [homeLink(text("signOut.home"))], outcome);
  show({ ...view, content: [...view.content, ...more] });
}

function manageElements(question: SignOutQuestion): HTMLElement[] {
  const links = externalLink(signOutText(question, "common.manage"), manageUrlOf(question.service));
  return links.map((link) => element("p", {}, link));
}
