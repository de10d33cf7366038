import { fileURLToPath } from "node:url";

/** The project's own folder. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** The sources of the pages, and what is published as it is. */
export const SOURCES_FOLDER = "public";

/** What `npm run build` makes of them: all that is published, and nothing else. */
export const PUBLISHED_FOLDER = "dist/public";
