/**
 * How long a test waits for something that must happen. It is long enough for a slow and busy machine, and costs
 * nothing when the event does happen. No test sets a time of its own. To show that something does *not* happen, a test
 * waits for a later event, not for a period of time.
 */
export const PATIENCE_MS = 120_000;

/** A test may contain several such waits. */
export const TEST_PATIENCE_MS = 600_000;
