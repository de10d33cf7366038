import { PUBLISHED_FOLDER } from "../../files/project.ts";
import { type Check, problem } from "../check.ts";

/** What a crawler would try first [A10]. */
const HIDDEN = [
  "/.secret.json",
  "/secret.json",
  "/.env",
  "/.git/config",
  "/netlify.toml",
  "/package.json",
  "/netlify/functions/token.ts",
  "/dist/functions/token.mjs",
];

export const liveHiddenFiles: Check = {
  id: "live-hidden-files",
  description: "Nothing but the pages is published",
  async run({ site }) {
    if (!site) return {};
    const answers = await Promise.all(HIDDEN.map(async (path) => ({ path, status: (await site.get(path)).status })));
    const visible = answers.filter(({ status }) => status !== 404);
    return {
      findings: visible.map(({ path, status }) =>
        problem(
          `${path} answers with status ${status}, not 404`,
          "If that is the project's own file, everybody can read it, and secrets in it are lost.",
          `Write publish = "${PUBLISHED_FOLDER}" below [build] in netlify.toml, deploy, delete old deploys and replace the secrets`,
        ),
      ),
    };
  },
};
