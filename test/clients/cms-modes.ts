/**
 * In which modes the CMSes can log in: the tests run what works, look up what prevents the rest in the source of the CMS,
 * and hold the table in docs/use-from.md to this list.
 */

import type { Cms } from "./cms-admin.ts";
import { CMSES } from "./cms-admin.ts";

/** A backend of a CMS. Gitea and Forgejo have the same API; Decap CMS has a backend of its own for each. */
export type Backend = "github" | "gitlab" | "gitea" | "forgejo" | "bitbucket" | "azure";

/** `popup`: a window with our `/auth`. `pkce`: OAuth by the CMS's own page. */
export type Mode = "popup" | "pkce";

/** A line in the source of the CMS, which its package contains. */
export interface SourceLine {
  /** The end of the file's path. */
  file: string;
  line: string;
  /** What the line does, for the table. */
  because: string;
}

export interface CmsMode {
  cms: Cms;
  backend: Backend;
  mode: Mode;
  /** Why it can't work with this version. Absent: it works. */
  prevents?: SourceLine;
  /** What refreshes a token that has ended. Absent: the user logs in again. */
  refreshes?: true;
}

/** Not a template of ours. */
const AZURE_HOST = "base_url: `https://login.microsoftonline.com/${this.props.config.backend.tenant_id}`,";

export const CMS_MODES: CmsMode[] = [
  { cms: "decap", backend: "github", mode: "popup" },
  { cms: "decap", backend: "gitlab", mode: "popup" },
  { cms: "decap", backend: "gitlab", mode: "pkce", refreshes: true },
  { cms: "decap", backend: "gitea", mode: "pkce" },
  {
    cms: "decap",
    backend: "forgejo",
    mode: "pkce",
    prevents: {
      because: "it logs in at the server of `api_root`. Use the backend `gitea`, which has the same API",
      file: "decap-cms-backend-forgejo/dist/esm/AuthenticationPage.js",
      line: String.raw`const base_url = api_root ? api_root.replace(/\/api\/[^/]+\/?$/, '') : '';`,
    },
  },
  { cms: "decap", backend: "bitbucket", mode: "popup" },
  {
    cms: "decap",
    backend: "azure",
    mode: "pkce",
    prevents: {
      because: "it logs in at Microsoft only, and by the implicit grant",
      file: "decap-cms-backend-azure/dist/esm/AuthenticationPage.js",
      line: AZURE_HOST,
    },
  },
  { cms: "sveltia", backend: "github", mode: "popup" },
  {
    cms: "sveltia",
    backend: "github",
    mode: "pkce",
    prevents: {
      because: "its configuration is refused",
      file: "services/config/parser/backend.js",
      line: "if (name === 'github' && authType === 'pkce') {",
    },
  },
  { cms: "sveltia", backend: "gitlab", mode: "popup" },
  { cms: "sveltia", backend: "gitlab", mode: "pkce", refreshes: true },
  { cms: "sveltia", backend: "gitea", mode: "pkce", refreshes: true },
  {
    cms: "sveltia",
    backend: "bitbucket",
    mode: "popup",
    prevents: {
      because: "it has no such backend",
      file: "services/backends/index.js",
      line: "bitbucket: { label: 'Bitbucket' },",
    },
  },
  {
    cms: "sveltia",
    backend: "azure",
    mode: "pkce",
    prevents: {
      because: "it has no such backend",
      file: "services/backends/index.js",
      line: "azure: { label: 'Azure DevOps' },",
    },
  },
  { cms: "static", backend: "github", mode: "popup" },
  { cms: "static", backend: "gitlab", mode: "popup" },
  { cms: "static", backend: "gitlab", mode: "pkce" },
  { cms: "static", backend: "gitea", mode: "pkce" },
  { cms: "static", backend: "bitbucket", mode: "popup" },
];

const MODE_NAMES: Record<Mode, string> = { popup: "popup", pkce: "PKCE" };

/** The table in docs/use-from.md. */
export function cmsTable(versions: Record<Cms, string>): string {
  const rows = CMS_MODES.map(({ cms, backend, mode, prevents, refreshes }) => {
    const works = prevents === undefined ? "yes" : `no: ${prevents.because} (${sourceOf(prevents)})`;
    const afterwards = prevents === undefined ? (refreshes ? "can get a new one" : "logs in again") : "";
    return `| ${CMSES[cms].name} ${versions[cms]} | \`${backend}\` | ${MODE_NAMES[mode]} | ${works} | ${afterwards} |`;
  });
  return ["| CMS | Backend | Mode | Works | When the token ends |", "| --- | --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

/** Two backticks, because a line may contain one. */
function sourceOf({ file, line }: SourceLine): string {
  return `\`${file.split("/").at(-1)}\`: \`\` ${line} \`\``;
}
