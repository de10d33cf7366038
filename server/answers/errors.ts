import type { Report } from "../../shared/question.ts";
import type * as reasons from "./error-catalogue.ts";

/** Why a request ends: one entry of the closed list in `reasons.ts`. */
export interface Reason {
  /** Its own name in that list, for the log and for translations. */
  name: string;
  status: number;
  /** RFC 6749 error code. */
  error: string;
  text: string;
  advice: string;
}

export type ReasonName = keyof typeof reasons;

/**
 * A request that ends here. `answer` names where the waiting app is told; it is set only after that place was checked.
 * `nonce` is for the app's next DPoP proof (RFC 9449 §8).
 */
export class OAuthError extends Error {
  readonly reason: Reason;
  readonly answer: Report | undefined;
  readonly nonce: string | undefined;

  constructor(reason: Reason, answer?: Report, nonce?: string) {
    super(reason.name);
    this.reason = reason;
    this.answer = answer;
    this.nonce = nonce;
  }

  get status(): number {
    return this.reason.status;
  }

  /** RFC 6749 error code. */
  get error(): string {
    return this.reason.error;
  }

  /** `error_description` (RFC 6749 §5.2 allows only printable ASCII without `"` and `\`). */
  get description(): string {
    const { text, advice } = this.reason;
    return `${text} ${advice}`.replaceAll("§", "section ").replaceAll(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, "'");
  }
}
