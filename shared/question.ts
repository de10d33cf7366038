/**
 * What the functions and the static pages say to each other. A function answers `303 /confirm#<fragment>`; the page
 * shows the question; `POST /confirm` brings the decision; the answer says where the result goes. The other pages get
 * what they show in the same way.
 *
 * Anybody can write a fragment and link to our page, so nothing in it is believed: the server compares what was shown
 * with what it sealed, and only the server names the place that a result goes to. Nor does a fragment bring words, logos or
 * links along: those of each service are built into the pages, and a fragment chooses one by its id [A67].
 */

/** The fragment of `/confirm`. */
export interface Question {
  /** Sealed; opened only by `POST /confirm`. */
  ticket: string;
  /** The app's origin as the person reads it: `https://app.example`. */
  origin: string;
  /** Its id. */
  service: string;
  /** What the app will be able to do, in the service's own words. `null`: whatever the person has just allowed at the service, which we cannot
   * know because the app opened the service by itself (root Madata). */
  scopes: string[] | null;
  /** The service adds whatever the person has allowed any app of this provider before, so the list above is not all. */
  scopesMerged: boolean;
  /** The app will be able to go on while the person is away: it gets a refresh token. */
  offline: boolean;
  /** How the result travels: by `postMessage` to the opener, or by navigating to the app's redirect URI. */
  delivery: "message" | "navigation";
  /** The app's redirect URI, whole, because a page of an honest origin may send people on to another [A21]. Also where the
   * result travels by message, in case that the opener is lost at the service. Absent: by message only. */
  redirectUri?: string;
  /** The person (or the service) has already refused: there is nothing to ask, only the app to tell. */
  refused: boolean;
  /** Nothing tells where this login was started, so the page asks for extra care. */
  unknownStart: boolean;
  /** How long Yes is good for, from the moment that the page gets the question: no two clocks need to agree. */
  lifetimeSeconds: number;
  /** The login began here, so it can begin here once more when that time is over. */
  canStartAgain: boolean;
  /** The id of the holding window that the ticket was made for. */
  holding?: string;
  /** The host that the app says it is on, which is worth a warning if it is not. */
  claimedHost?: string;
}

/**
 * The fragment of `/confirm` where nobody knows yet which app asks: the page says `handshake` to the window that opened
 * it, and the origin of the window that says it back is the app's.
 */
export type UnnamedQuestion = Omit<Question, "origin" | "redirectUri"> & { handshake: string };

/** The JSON body of `POST /confirm`. */
export interface Decision {
  ticket: string;
  /** `question.origin` as shown. */
  origin: string;
  /** `question.service` as shown. */
  service: string;
  /** `question.redirectUri` as shown; absent where there was none to show. */
  redirectUri?: string;
  decision: "yes" | "no";
  /** Whether the window that opened this one is still there to receive a message. */
  opener: boolean;
  /** The id of the holding window that asked, if it is one. */
  holding?: string;
}

/** Where a result goes: the page carries out exactly this. */
export type Answer = { message: unknown; targetOrigin: string } | { location: string };

/** Where the news of a failure goes; to whoever says `handshake` back, where nobody knows yet which app it is. */
export type Report = Answer | { message: string; handshake: string };

/** The fragment of `/start`, where a login begins that no page of the app is known to have started. */
export interface StartQuestion {
  /** Sealed; opened only by `POST /authorize/:service`. */
  request: string;
  origin: string;
  /** The whole address that the person will be sent to at the end. */
  redirectUri: string;
  service: string;
}

/**
 * The fragment of `/waiting`: the page that keeps the app's window while the service, which would cut it off, gets one
 * of its own.
 */
export interface HoldingQuestion {
  /** Sealed; opened only by `POST /authorize/:service`. */
  request: string;
  /** Known only to this window, and sealed into everything that goes to the service. */
  holding: string;
  service: string;
  /** Absent where the app is known only after its handshake. */
  origin?: string;
}

/** The fragment of `/returned`, in the service's own window: what the holding window waits for. */
export interface Returned {
  holding: string;
  service: string;
  question: Question | UnnamedQuestion;
}

/** The fragment of `/sign-out`. */
export interface SignOutQuestion {
  /** Sealed; opened only by `POST /confirm`. */
  ticket: string;
  service: string;
  /** The person did not log in at the service, so there is nothing to ask. */
  refused: boolean;
  lifetimeSeconds: number;
}

/** Whatever a page of ours is given in its fragment. */
export type Fragment = Question | UnnamedQuestion | StartQuestion | HoldingQuestion | Returned | SignOutQuestion;

/**
 * What an error answer to one of the pages' POSTs looks like: in words, with the name of those words in our own table, so
 * that the page finds them in the reader's language, and with a way to tell the waiting app.
 */
export type Refusal = { error: string; error_description: string; reason: string } & Partial<{ answer: Answer }>;

/** base64url, so that a fragment can never equal the id of an element, which would get the focus [A6]. */
export function encodeFragment(value: Fragment): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
