import type { Decision, SignOutQuestion } from "../netlify/oauth/question.ts";
import { button, element } from "./dom.ts";
import { forgetFragment, takeFragment } from "./fragment.ts";
import { armingMs, Gate } from "./gate.ts";
import type { GateState } from "./gate.ts";
import { postJson } from "./post.ts";
import { readSignOutQuestion } from "./question.ts";
import { serviceIcon } from "./service-icon.ts";
import { message, say, show } from "./view.ts";

/** "Sign out everywhere", after the login that it takes: asks, and has the service end what was allowed [A44]. */

const text = {
  framed: "This page ends logins, so it does not work inside another page.",
  nothing: {
    title: "There is nothing to sign out of here",
    text: "To sign out everywhere, begin on the home page of this site.",
  },
  home: "Back to the home page",
  account: (service: string) => `Your ${service} account`,
  title: (service: string) => `Are you sure you want to sign out of ${service} everywhere?`,
  effects: (service: string) => [
    `Every app that you have logged in to with ${service} through this site loses its access, on all your devices.`,
    "If you want to use one of them again, you log in there once more.",
  ],
  stays: (service: string) => `What the apps have saved at ${service} stays there, and you stay logged in at ${service} itself.`,
  no: "No",
  yes: "Yes, sign out",
  gate: {
    hidden: "",
    unfocused: "Click into this window to go on.",
    "out-of-view": "Scroll to see the whole question.",
    counting: "Take a moment to read the question.",
    armed: "",
    refused: "That was too quick to count. Please press once more.",
  } satisfies Record<GateState | "refused", string>,
  ending: "Ending all access…",
  done: {
    title: (service: string) => `Signed out of ${service} everywhere`,
    text: (service: string) => `${service} has ended the access of every app that you logged in to through this site.`,
  },
  kept: { title: "Nothing was ended", text: "Every app keeps the access that it had." },
  refused: {
    title: (service: string) => `You did not log in at ${service}`,
    text: "So this site cannot end anything there. Every app keeps the access that it had.",
  },
  expired: {
    title: "This took too long",
    text: (service: string) => `${service} gives only a little time to answer, and it has passed. Nothing was ended.`,
  },
  failed: {
    title: "That did not work",
    unreachable: "The server could not be reached, so nobody can tell whether anything was ended.",
    unknown: (status: number) => `The server gave an answer that this page does not understand (${status}).`,
    advice: "Try again from the home page.",
  },
  manage: (service: string) => `See and end access at ${service}`,
};

const path = "/sign-out";

let gate: Gate | undefined;
/** The question can still be answered, and can still expire. */
let isOpen = true;

start();

function start(): void {
  const { value, takenAtMs } = takeFragment(path);
  const question = readSignOutQuestion(value);
  if (window.top !== window.self) return show(message(text.nothing.title, [text.framed]));
  if (question === undefined) return show(message(text.nothing.title, [text.nothing.text], [homeLink()]));
  if (question.refused) return end(text.refused.title(question.service.name), [text.refused.text]);
  const remainingMs = takenAtMs + question.lifetimeSeconds * 1_000 - Date.now();
  if (remainingMs <= 0) return expire(question);
  ask(question);
  setTimeout(() => expire(question), remainingMs);
}

function ask(question: SignOutQuestion): void {
  const { service } = question;
  const title = text.title(service.name);
  const heading = element("h1", { textContent: title });
  const no = button(text.no, "no", () => {
    gate?.close();
    end(text.kept.title, [text.kept.text]);
  });
  const progress = element("span", { className: "progress" });
  const yes = element("button", { type: "button", className: "yes", disabled: true }, text.yes, progress);
  show({
    title,
    content: [
      element(
        "div",
        { className: "question" },
        element("p", { className: "account" }, serviceIcon(service), element("span", { textContent: text.account(service.name) })),
        heading,
      ),
      ...text.effects(service.name).map((sentence) => element("p", { textContent: sentence })),
      element("p", { className: "note", textContent: text.stays(service.name) }),
    ],
    actions: [no, yes],
  });
  gate = new Gate({
    button: yes,
    mustBeSeen: [heading, no, yes],
    onState: (state) => showGate(state, progress),
    onRefused: () => say(text.gate.refused),
    onPressed: () => {
      no.disabled = true;
      void signOut(question);
    },
  });
}

function showGate(state: GateState, progress: HTMLElement): void {
  say(text.gate[state]);
  progress.getAnimations().forEach((animation) => animation.cancel());
  if (state !== "counting" || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  progress.animate([{ transform: "scaleX(0)" }, { transform: "scaleX(1)" }], { duration: armingMs });
}

async function signOut({ ticket, service }: SignOutQuestion): Promise<void> {
  isOpen = false;
  say(text.ending);
  const decision: Decision = { ticket, origin: location.origin, service: service.id, decision: "yes", opener: false };
  const reply = await postJson("/confirm", decision);
  const manage = manageLink(service);
  if (reply.kind === "unreachable") return end(text.failed.title, [text.failed.unreachable, text.failed.advice], manage);
  if (reply.kind === "refusal") {
    const sentence = reply.refusal?.error_description ?? text.failed.unknown(reply.status);
    return end(text.failed.title, [sentence, text.failed.advice], manage);
  }
  if (!hasEnded(reply.body)) return end(text.failed.title, [text.failed.unknown(200), text.failed.advice], manage);
  end(text.done.title(service.name), [text.done.text(service.name)], manage);
}

function hasEnded(body: unknown): boolean {
  return typeof body === "object" && body !== null && "ended" in body && body.ended === true;
}

function expire({ service }: SignOutQuestion): void {
  if (!isOpen) return;
  gate?.close();
  end(text.expired.title, [text.expired.text(service.name), text.failed.advice]);
}

/** The last page. A reload must not ask again. */
function end(title: string, sentences: string[], more: Node[] = []): void {
  isOpen = false;
  forgetFragment(path);
  const view = message(title, sentences, [homeLink()]);
  show({ ...view, content: [...view.content, ...more] });
}

function homeLink(): HTMLElement {
  return element("a", { className: "button", href: "/", textContent: text.home });
}

function manageLink({ name, manageUrl }: SignOutQuestion["service"]): HTMLElement[] {
  if (manageUrl?.startsWith("https://") !== true) return [];
  const link = element("a", { href: manageUrl, rel: "noreferrer noopener", target: "_blank" });
  link.textContent = text.manage(name);
  return [element("p", {}, link)];
}
