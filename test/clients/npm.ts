import { createRequire } from "node:module";

/**
 * Loads what npm has installed beside this file. At run time only, so that the compiler finds its way in a project
 * whose owner never installs these clients.
 */
export const fromNpm = createRequire(import.meta.url);
