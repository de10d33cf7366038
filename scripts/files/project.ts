import { fileURLToPath } from "node:url";

/** The project's own folder. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** The packages that a project uses, and the versions that npm has chosen of them. */
export const MANIFEST = "package.json";
export const LOCK = "package-lock.json";

/** The sources of the pages, and files that are published unchanged. */
export const SOURCES_FOLDER = "public";

/** The output of `npm run build`: everything that is published, and nothing else. */
export const PUBLISHED_FOLDER = "dist/public";
