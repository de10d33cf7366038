import type * as errors from "../../server/answers/error-catalogue.ts";

/** The name of an entry in the error catalogue. */
export type ErrorName = keyof typeof errors;
