import type { DescribedService } from "../../../scripts/build/page-scripts.ts";
import type {
  Fragment,
  Question,
  SignOutQuestion,
  StartQuestion,
  UnnamedQuestion,
  WaitingQuestion,
} from "../../../shared/page-messages.ts";
import { encodeFragment } from "../../../shared/page-messages.ts";

/** The default questions that the functions send to the pages. Tests change single properties. */

/** The services of the provider that serves these pages. */
export const SERVICES: DescribedService[] = [
  {
    id: "github",
    name: "GitHub",
    icon: "/icons/github.svg",
    manageUrl: "https://github.example/applications",
    scopeDescriptions: {
      "read:user": "Read your profile",
      "user:email": "Read your email addresses",
      repo: "Read and change all your repositories, including private ones",
      workflow: "Change GitHub Actions workflows",
      gist: "Create and change gists",
      "read:org": "Read your organizations and teams",
      notifications: "Read your notifications and mark them as read",
      // Available only in the owner's language.
      "own:scope": "Do things of the owner's own",
    },
  },
  { id: "google", name: "Google", icon: "/icons/google.svg", scopeDescriptions: {} },
  { id: "dropbox", name: "Dropbox", icon: "/icons/dropbox.svg", scopeDescriptions: {} },
  { id: "gitlab", name: "GitLab", icon: "/icons/gitlab.svg", scopeDescriptions: {} },
  { id: "example", name: "Example", scopeDescriptions: {} },
  {
    id: "installed",
    name: "GitHub",
    icon: "/icons/github.svg",
    scopeDescriptions: { repo: "Read and change all your repositories, including private ones" },
    installation: {
      description:
        "Do what you have allowed at GitHub, only with the repositories that you or your organization chose for this site there",
      url: "https://github.example/apps/my-app/installations/new",
    },
  },
];

/** Delivered by navigation by default. If delivered by message, the app has no redirect URI unless one is given. */
export function questionOf(changes: Partial<Question> = {}): Question {
  const { origin = "https://notes.example", delivery = "navigation" } = changes;
  return {
    ticket: "sealed",
    origin,
    service: "github",
    scopes: ["read:user", "repo"],
    delivery,
    ...(delivery === "navigation" ? { redirectUri: `${origin}/callback` } : {}),
    refused: false,
    unknownStart: false,
    scopesMerged: false,
    offline: false,
    lifetimeSeconds: 600,
    canStartAgain: true,
    ...changes,
  };
}

export function confirmPath(changes: Partial<Question> = {}): string {
  return pathOf("/confirm", questionOf(changes));
}

/** A question without an origin: it is not known yet which app asks. */
export function unnamedPath(changes: Partial<UnnamedQuestion> = {}): string {
  const { origin: _, redirectUri: __, ...rest } = questionOf({ delivery: "message" });
  return pathOf("/confirm", { ...rest, handshake: "authorizing:github", ...changes });
}

export function startPath(changes: Partial<StartQuestion> = {}): string {
  const { origin, service } = questionOf();
  return pathOf("/start", { request: "sealed", origin, service, redirectUri: `${origin}/callback`, ...changes });
}

export function waitingPath(changes: Partial<WaitingQuestion> = {}): string {
  const { origin, service } = questionOf();
  return pathOf("/waiting", { request: "sealed", waitingWindow: "id", origin, service, ...changes });
}

export function returnedPath(changes: Partial<Question> = {}): string {
  const question = questionOf({ delivery: "message", ...changes });
  return pathOf("/returned", { waitingWindow: "id", service: question.service, question });
}

export function signOutPath(changes: Partial<SignOutQuestion> = {}): string {
  return pathOf("/sign-out", { ticket: "sealed", service: "github", refused: false, lifetimeSeconds: 600, ...changes });
}

function pathOf(path: string, fragment: Fragment): string {
  return `${path}#${encodeFragment(fragment)}`;
}
