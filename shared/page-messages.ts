/**
 * What functions and static pages send to each other. A function redirects to `/confirm#<fragment>`, the page shows the
 * question, `POST /decision` sends the decision, and the answer says where the result goes. The other pages get their data
 * in the same way.
 *
 * Anybody can write a fragment and link to our page, so nobody trusts it: the server compares what was shown with what it
 * sealed, and only the server says where a result goes. A fragment contains no words, logos or links that could deceive
 * the user: those of each service are built into the pages, and the fragment only names a service by its id.
 */

/** The fragment of `/confirm`. */
export interface Question {
  /** Sealed; opened only by `POST /decision`. */
  ticket: string;
  /** The app's origin as the user reads it: `https://app.example`. */
  origin: string;
  /** The service's id. */
  service: string;
  /**
   * What the app will be able to do. `null`: what the user has just allowed at the service, which we do not know because
   * the app opened the service itself (Madata).
   */
  scopes: string[] | null;
  /** The service also grants what the user has allowed any app of this provider before, so `scopes` is not everything. */
  scopesMerged: boolean;
  /** The app gets a refresh token, so it can use the access while the user is away. */
  offline: boolean;
  /** What the app will know about the user from an ID token: our own scopes. Absent: it gets none. */
  identity?: ("openid" | "profile" | "email")[];
  /** How the app gets the result: by `postMessage` to the opener, or by navigation to its redirect URI. */
  delivery: "message" | "navigation";
  /**
   * The app's whole redirect URI, because a page of an honest origin may redirect to another site. Also present with
   * `delivery: "message"`, in case the window loses its opener at the service. Absent: by message only.
   */
  redirectUri?: string;
  /** The user or the service has already refused. There is nothing to ask, but the app needs an answer. */
  refused: boolean;
  /** It is not known where this login was started, so the page warns the user. */
  unknownStart: boolean;
  /** How long Yes is valid from the moment that the page loads. Relative, because clocks differ. */
  lifetimeSeconds: number;
  /** The login was started here, so it can be started again when the time is over. */
  canStartAgain: boolean;
  /** The id of the waiting window that the ticket was made for. */
  waitingWindow?: string;
  /** The host that the app claims to be on. The page warns the user if it is another one. */
  claimedHost?: string;
}

/**
 * The fragment of `/confirm` if it is not known yet which app is asking. The page sends `handshake` to the window that
 * opened it. The window that sends it back is the app, and the browser reports its origin.
 */
export type UnnamedQuestion = Omit<Question, "origin" | "redirectUri"> & { handshake: string };

/** The JSON body of `POST /decision`. */
export interface Decision {
  ticket: string;
  /** `question.origin`, as shown. */
  origin: string;
  /** `question.service`, as shown. */
  service: string;
  /** `question.redirectUri`, as shown; absent if there was none. */
  redirectUri?: string | undefined;
  /** `expired`: nobody answered before the time of the question was over. Like No, but the app learns the difference. */
  decision: "yes" | "no" | "expired";
  /** Whether the window that opened this one can still receive a message. */
  opener: boolean;
  /** The id of the waiting window, if one asked. */
  waitingWindow?: string | undefined;
}

/** Where the result goes. The page does exactly this. */
export type Answer = { message: unknown; targetOrigin: string } | { location: string };

/** The end of a login that was tried on our own page. It goes nowhere: the page says it. */
export interface TrialResult {
  trial: {
    /** Who the service says that the user is; absent if it does not say. */
    name?: string;
    /** The service has revoked the access. If it cannot, the access ends by itself, and nobody has it. */
    revoked: boolean;
    /** `false`: our client must be installed at the service, and is installed nowhere that this user can reach. */
    installed: boolean;
  };
}

/** Where an error goes. If the app is not known yet, to the window that sends `handshake` back. */
export type Report = Answer | { message: string; handshake: string };

/** The fragment of `/start`: a login that was not started by a known page of the app. */
export interface StartQuestion {
  /** Sealed; opened only by `POST /authorize/:service`. */
  request: string;
  origin: string;
  /** The whole address that the user will be sent to at the end. */
  redirectUri: string;
  service: string;
  /** The same login in a waiting window. The page takes it if an app's window has opened this one. */
  inWaitingWindow?: WaitingQuestion;
}

/**
 * The fragment of the waiting window, which stays connected to the app's window while the service, which would separate
 * them, has a window of its own.
 */
export interface WaitingQuestion {
  /** Sealed; opened only by `POST /authorize/:service`. */
  request: string;
  /** Known only to this window, and sealed into the login that goes to the service. */
  waitingWindow: string;
  service: string;
  /** Absent if the app is known only after its handshake. */
  origin?: string;
  /** The whole address that the user will be sent to at the end. Absent: the app gets the result by a message. */
  redirectUri?: string;
}

/** The fragment of `/returned` in the service's window: what the waiting window is waiting for. */
export interface Returned {
  waitingWindow: string;
  service: string;
  question: Question | UnnamedQuestion;
}

/** The fragment of `/sign-out`. */
export interface SignOutQuestion {
  /** Sealed; opened only by `POST /decision`. */
  ticket: string;
  service: string;
  /** The user did not log in at the service, so there is nothing to ask. */
  refused: boolean;
  lifetimeSeconds: number;
}

/** The data that one of our pages gets in its fragment. */
export type Fragment = Question | UnnamedQuestion | StartQuestion | WaitingQuestion | Returned | SignOutQuestion;

/**
 * The answer with an error to a POST of our own pages. By `reason`, its name in the error catalogue, the page finds the
 * text in the user's language; `answer` tells the waiting app.
 */
export type ErrorReply = { error: string; error_description: string; reason: string } & Partial<{ answer: Answer }>;

/** base64url of an object cannot equal the id of an element on the page, which the browser would scroll to and focus. */
export function encodeFragment(value: Fragment): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
