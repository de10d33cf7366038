import { PUBLISHED_FOLDER } from "../../files/project.ts";
import { type Check, errorFinding } from "../check.ts";

/** The paths that crawlers for leaked secrets try first. */
export const HIDDEN_FILES = [
  "/.secret.json",
  "/secret.json",
  "/.env",
  "/.git/config",
  "/netlify.toml",
  "/package.json",
  "/netlify/functions/token.ts",
  "/dist/functions/provider.mjs",
];

export const liveHiddenFiles: Check = {
  id: "live-hidden-files",
  description: "Only the pages are published",
  async run({ site }) {
    if (!site) return {};
    const responses = await Promise.all(
      HIDDEN_FILES.map(async (path) => ({ path, status: (await site.get(path)).status })),
    );
    const visible = responses.filter(({ status }) => status !== 404);
    return {
      findings: visible.map(({ path, status }) =>
        errorFinding(
          `${path} answers with status ${status}, not 404`,
          "If this is the project's own file, anybody can read it, and the secrets in it are lost.",
          `Write publish = "${PUBLISHED_FOLDER}" under [build] in netlify.toml, deploy, delete old deploys and replace the secrets`,
        ),
      ),
    };
  },
};
