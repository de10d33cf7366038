import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { loadCatalogue } from "../../catalogue/load.ts";
import { findLogos, iconPath } from "../build/icons.ts";
import { printable } from "../terminal/text.ts";

/** What the pages of a site say about services (`client/page/services.ts`), compared with what was expected. */

const idSchema = z.string().regex(/^[a-z0-9-]+$/);
const constantsSchema = z.object({
  SERVICES: z
    .record(idSchema, z.strictObject({ name: z.string(), icon: z.string().startsWith("/").optional() }))
    .optional(),
  MANAGE_URLS: z.record(idSchema, z.url({ protocol: /^https$/ })).optional(),
  INSTALLATIONS: z
    .record(idSchema, z.strictObject({ description: z.string(), url: z.url({ protocol: /^https$/ }).optional() }))
    .optional(),
  SCOPE_DESCRIPTIONS: z.record(idSchema, z.record(z.string(), z.string())).optional(),
  LOGOS: z.record(z.string(), z.strictObject({ colour: z.string(), path: z.string() })).optional(),
});

/** Each script has those that it uses. */
type Constants = z.infer<typeof constantsSchema>;
export const SERVICE_CONSTANTS: string[] = Object.keys(constantsSchema.shape);

interface Description {
  name?: string | undefined;
  icon?: string | undefined;
  manageUrl?: string | undefined;
  installation?: { description: string; url?: string | undefined } | undefined;
  scopes?: Record<string, string> | undefined;
}

/**
 * @returns a sentence for each difference, and the paths of the logos; `undefined` if the site's constants are none that the
 *   build could have written
 */
export function compareServices(
  expected: Map<string, unknown>,
  actual: Map<string, unknown>,
): { sentences: string[]; icons: string[] } | undefined {
  const { data: mine } = constantsSchema.safeParse(Object.fromEntries(expected));
  const { data: theirs } = constantsSchema.safeParse(Object.fromEntries(actual));
  if (mine === undefined || theirs === undefined || !hasKnownLogos(theirs)) return undefined;

  const [before, now] = [idsIn(mine), idsIn(theirs)];
  return {
    sentences: [
      ...now.flatMap((id) => compareService(id, before.includes(id) ? describe(id, mine) : undefined, theirs)),
      ...before.filter((id) => !now.includes(id)).map((id) => `The service ${id} is not there.`),
    ],
    icons: Object.values(theirs.SERVICES ?? {}).flatMap(({ icon }) => icon ?? []),
  };
}

function idsIn({ SERVICES, MANAGE_URLS, SCOPE_DESCRIPTIONS }: Constants): string[] {
  return Object.keys({ ...SERVICES, ...MANAGE_URLS, ...SCOPE_DESCRIPTIONS });
}

/** The home page draws logos: each must be the one that the build takes from its collection. */
function hasKnownLogos({ LOGOS = {} }: Constants): boolean {
  return isDeepStrictEqual(LOGOS, findLogos(Object.keys(LOGOS).map((icon) => ({ icon }))));
}

function compareService(id: string, expected: Description | undefined, theirs: Constants): string[] {
  const actual = describe(id, theirs);
  if (expected !== undefined) return compareDescriptions(id, expected, actual);
  const known = inCatalogue(id, actual);
  const origin = known === undefined ? ", and the catalogue does not know it" : "";
  return [`The service ${id} is added${origin}.`, ...compareDescriptions(id, known ?? {}, actual)];
}

function describe(id: string, { SERVICES, MANAGE_URLS, INSTALLATIONS, SCOPE_DESCRIPTIONS }: Constants): Description {
  return {
    ...SERVICES?.[id],
    manageUrl: MANAGE_URLS?.[id],
    installation: INSTALLATIONS?.[id],
    scopes: SCOPE_DESCRIPTIONS?.[id],
  };
}

/** Only what the script tells. Addresses with variables are the owner's to fill in. */
function inCatalogue(id: string, actual: Description): Description | undefined {
  const record = loadCatalogue().get(id);
  if (record === undefined) return undefined;
  const { name, simple_icons_slug: slug, manage_url: manageUrl, scope_descriptions: scopes = {} } = record;
  return {
    name: actual.name && name,
    icon: actual.icon && slug && iconPath(slug),
    manageUrl: manageUrl?.includes("{") ? actual.manageUrl : actual.manageUrl && manageUrl,
    scopes: actual.scopes && scopes,
  };
}

function compareDescriptions(id: string, known: Description, actual: Description): string[] {
  const scopes = Object.keys({ ...known.scopes, ...actual.scopes });
  return [
    ...compareValues(`${id} is called`, known.name, actual.name),
    ...compareValues(`${id} has the logo`, known.icon, actual.icon),
    ...compareValues(`${id}: access is ended at`, known.manageUrl, actual.manageUrl),
    ...compareValues(`${id}: access is chosen at`, known.installation?.url, actual.installation?.url),
    ...compareValues(
      `${id}: access that is chosen is described as`,
      known.installation?.description,
      actual.installation?.description,
    ),
    ...scopes.flatMap((scope) =>
      compareValues(
        `${id}: the scope ${printable(scope)} is described as`,
        known.scopes?.[scope],
        actual.scopes?.[scope],
      ),
    ),
  ];
}

function compareValues(words: string, known: string | undefined, actual: string | undefined): string[] {
  return known === actual ? [] : [`${words} ${actual === undefined ? "nothing" : `“${printable(actual)}”`}.`];
}
