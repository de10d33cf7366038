import { fileURLToPath } from "node:url";

/** The project's own folder. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
