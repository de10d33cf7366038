import { encodeFragment } from "../../netlify/oauth/question.ts";
import type { Fragment, HoldingQuestion, Question, SignOutQuestion, StartQuestion, UnnamedQuestion } from "../../netlify/oauth/question.ts";

/** What the functions ask the pages, in the usual case; a test changes what it is about. */

export const SERVICE = {
  id: "github",
  name: "GitHub",
  icon: "/icons/github.svg",
  manageUrl: "https://github.example/applications",
};

export function questionOf(changes: Partial<Question> = {}): Question {
  return {
    ticket: "sealed",
    origin: "https://notes.example",
    service: SERVICE,
    scopes: [
      { value: "read:user", description: "Read your profile" },
      { value: "repo", description: "Read and change all your repositories, including private ones" },
    ],
    delivery: "navigation",
    canNavigate: true,
    refused: false,
    unknownStart: false,
    scopesMerged: false,
    offline: false,
    lifetimeSeconds: 600,
    ...changes,
  };
}

export function confirmPath(changes: Partial<Question> = {}): string {
  return pathOf("/confirm", questionOf(changes));
}

/** Where nobody knows yet which app asks. */
export function unnamedPath(changes: Partial<UnnamedQuestion> = {}): string {
  const { origin: _, ...rest } = questionOf({ delivery: "message", canNavigate: false });
  return pathOf("/confirm", { ...rest, handshake: "authorizing:github", ...changes });
}

export function startPath(changes: Partial<StartQuestion> = {}): string {
  const { origin, service } = questionOf();
  return pathOf("/start", { request: "sealed", origin, service, redirectUri: `${origin}/callback`, ...changes });
}

export function holdingPath(changes: Partial<HoldingQuestion> = {}): string {
  const { origin, service } = questionOf();
  return pathOf("/holding", { request: "sealed", holding: "id", origin, service, ...changes });
}

export function returnedPath(changes: Partial<Question> = {}): string {
  const question = questionOf({ delivery: "message", ...changes });
  return pathOf("/returned", { holding: "id", service: question.service, question });
}

export function signOutPath(changes: Partial<SignOutQuestion> = {}): string {
  return pathOf("/sign-out", { ticket: "sealed", service: SERVICE, refused: false, lifetimeSeconds: 600, ...changes });
}

function pathOf(path: string, fragment: Fragment): string {
  return `${path}#${encodeFragment(fragment)}`;
}
