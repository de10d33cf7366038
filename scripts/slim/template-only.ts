import list from "./template-only.json" with { type: "json" };

/** What only the template needs: its tests, measurements and tools. A slim copy does without. */
export interface TemplateOnly {
  /** Files, and folders with all that is in them. */
  files: string[];
  /** Keys of package.json, by the object that they are in. */
  package: Record<string, string[]>;
}

/** The list of this version of the template. */
export const TEMPLATE_ONLY: TemplateOnly = list;

/** Where another version of the template has its list. */
export const LIST_FILE = "scripts/slim/template-only.json";

/** Without the package `node`, the scripts run on the owner's Node, which must run TypeScript. */
const OWN_NODE = ">=24";

interface Manifest {
  engines?: Record<string, string>;
  template?: Record<string, unknown>;
  [name: string]: unknown;
}

export function isTemplateOnly(path: string, { files }: TemplateOnly): boolean {
  return files.some((file) => path === file || path.startsWith(`${file}/`));
}

/** @param text of package.json */
export function isSlim(text: string | undefined): boolean {
  try {
    return (JSON.parse(text ?? "{}") as Manifest).template?.slim === true;
  } catch {
    return false;
  }
}

/**
 * A package.json of the template, as a slim copy has it. It is meant for a merge by key, which gives the owner's file the
 * same changes.
 *
 * @param keepNode the owner's own Node cannot run the scripts
 */
export function slimPackage(text: string, only: TemplateOnly, { keepNode = false } = {}): string {
  const manifest = JSON.parse(text) as Manifest;
  for (const [object, keys] of Object.entries(only.package)) {
    const members = manifest[object] as Record<string, unknown> | undefined;
    for (const key of keys) if (members !== undefined && !(keepNode && key === "node")) delete members[key];
  }
  if (!keepNode) manifest.engines = { ...manifest.engines, node: OWN_NODE };
  manifest.template = { ...manifest.template, slim: true };
  return JSON.stringify(manifest, null, 2);
}
