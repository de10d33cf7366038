/**
 * How long a test waits for what must happen: long enough for the slowest machine that does other work too, since a wait
 * costs nothing when the thing does happen. No test says a time of its own; what must *not* happen is looked for after a
 * later event, not after a while.
 */
export const PATIENCE_MS = 120_000;

/** Several such waits make a test. */
export const TEST_PATIENCE_MS = 600_000;
