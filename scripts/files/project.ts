import { fileURLToPath } from "node:url";

/** The project's own folder. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** The sources of the pages, and files that are published unchanged. */
export const SOURCES_FOLDER = "public";

/** The output of `npm run build`: everything that is published, and nothing else. */
export const PUBLISHED_FOLDER = "dist/public";
