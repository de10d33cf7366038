import type { Report } from "../../shared/page-messages.ts";

/** One entry of the error catalogue (`error-catalogue.ts`). */
export interface ErrorDefinition {
  /** The entry's own name. The log shows it as `reason`, and the pages find their translations by it. */
  name: string;
  status: number;
  /** RFC 6749 error code. */
  error: string;
  /** What is wrong. */
  text: string;
  /** What to do about it. */
  advice: string;
}

/**
 * An error as apps get it: an error code and a description. A message of another protocol than OAuth has `reason` in place of
 * the code, where RFC 6749 has no code that says it.
 */
export interface AppError {
  error: string;
  description: string;
  reason?: string;
}

/** A request that fails. */
export class OAuthError extends Error {
  readonly definition: ErrorDefinition;
  /** Tells the waiting app. Set it only after the address in it was checked. */
  readonly answer: Report | undefined;
  /** For the app's next DPoP proof (RFC 9449 §8). */
  readonly nonce: string | undefined;

  constructor(definition: ErrorDefinition, answer?: Report, nonce?: string) {
    super(definition.name);
    this.definition = definition;
    this.answer = answer;
    this.nonce = nonce;
  }

  get status(): number {
    return this.definition.status;
  }

  /** RFC 6749 error code. */
  get error(): string {
    return this.definition.error;
  }

  /** `error_description`. RFC 6749 §5.2 allows only printable ASCII without `"` and `\`. */
  get description(): string {
    const { text, advice } = this.definition;
    return `${text} ${advice}`.replaceAll("§", "section ").replaceAll(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, "'");
  }
}

/**
 * How an endpoint answers with an error. Each endpoint names its format, so that a function is built without the other
 * one.
 */
export interface ErrorFormat {
  /** @param allow the header `Allow`, if the method was wrong (RFC 9110 §15.5.6) */
  toResponse(error: OAuthError, request: Request, allow: Record<string, string>): Response;
}
