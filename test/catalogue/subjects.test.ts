import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../catalogue/load.ts";

/**
 * What `sub` is at each service. Each entry was checked by hand in the service's own documentation or code, or, where
 * those say nothing, in several login libraries. A new service or a changed path needs a new check.
 */

type Kind =
  /** A sequential or random identifier that the service assigned when the account was created. */
  | "number"
  | "random"
  /** Such an identifier, together with that of the workspace or organisation in which it is unique. */
  | "in its group"
  /** Such an identifier for our app only. Another app at the same service sees a different one. */
  | "for our app"
  /** OpenID Connect Core §2: never reassigned within the issuer. */
  | "OpenID Connect"
  /** An API address that contains such an identifier. */
  | "address"
  /** A name that never changes. Only an administrator can give it to another user. */
  | "name for life";

const reviewed: Record<string, [path: string, kind: Kind]> = {
  airtable: ["id", "random"],
  amazon: ["user_id", "for our app"],
  anilist: ["data.Viewer.id", "number"],
  asana: ["data.gid", "number"],
  atlassian: ["account_id", "random"],
  auth0: ["sub", "OpenID Connect"],
  basecamp: ["identity.id", "number"],
  battlenet: ["sub", "number"],
  bitbucket: ["account_id", "random"],
  box: ["id", "number"],
  calendly: ["resource.uri", "address"],
  canva: ["team_user.user_id", "random"],
  clickup: ["user.id", "number"],
  cloudflare: ["result.id", "random"],
  codeberg: ["id", "number"],
  digitalocean: ["account.uuid", "random"],
  discord: ["id", "number"],
  dribbble: ["id", "number"],
  dropbox: ["account_id", "random"],
  epicgames: ["sub", "OpenID Connect"],
  facebook: ["id", "for our app"],
  figma: ["id", "number"],
  forgejo: ["id", "number"],
  gitea: ["id", "number"],
  github: ["id", "number"],
  gitlab: ["id", "number"],
  google: ["sub", "OpenID Connect"],
  heroku: ["id", "random"],
  hubspot: ["user_id", "number"],
  huggingface: ["sub", "OpenID Connect"],
  instagram: ["id", "for our app"],
  intercom: ["id", "number"],
  kakao: ["id", "for our app"],
  keycloak: ["sub", "OpenID Connect"],
  kick: ["data.0.user_id", "number"],
  lichess: ["id", "name for life"],
  line: ["userId", "for our app"],
  linear: ["data.viewer.id", "random"],
  linkedin: ["sub", "for our app"],
  mailchimp: ["login.login_id", "number"],
  mastodon: ["id", "number"],
  mediawiki: ["sub", "number"],
  microsoft: ["id", "random"],
  miro: ["user.id", "number"],
  monday: ["data.me.id", "number"],
  musicbrainz: ["metabrainz_user_id", "number"],
  myanimelist: ["id", "number"],
  naver: ["response.id", "for our app"],
  netlify: ["id", "random"],
  nextcloud: ["ocs.data.id", "name for life"],
  notion: ["bot.owner.user.id", "random"],
  okta: ["sub", "OpenID Connect"],
  onedrive: ["id", "random"],
  openstreetmap: ["user.id", "number"],
  orcid: ["sub", "number"],
  osu: ["id", "number"],
  patreon: ["data.id", "number"],
  pinterest: ["id", "number"],
  quickbooks: ["sub", "OpenID Connect"],
  raindrop: ["user._id", "number"],
  reddit: ["id", "number"],
  roblox: ["sub", "OpenID Connect"],
  salesforce: ["{organization_id}-{user_id}", "in its group"],
  sentry: ["sub", "OpenID Connect"],
  "slack-openid": ["{https://slack\\.com/team_id}-{sub}", "in its group"],
  slack: ["{team_id}-{user_id}", "in its group"],
  soundcloud: ["urn", "number"],
  spotify: ["account_id", "random"],
  stackexchange: ["items.0.account_id", "number"],
  strava: ["id", "number"],
  threads: ["id", "for our app"],
  tiktok: ["data.user.open_id", "for our app"],
  todoist: ["id", "random"],
  trakt: ["user.ids.uuid", "random"],
  twitch: ["data.0.id", "number"],
  unsplash: ["id", "random"],
  vercel: ["sub", "OpenID Connect"],
  vimeo: ["uri", "address"],
  vk: ["user.user_id", "number"],
  webflow: ["id", "random"],
  wikimedia: ["sub", "number"],
  wordpress: ["ID", "number"],
  x: ["data.id", "number"],
  xero: ["xero_userid", "random"],
  yahoo: ["sub", "OpenID Connect"],
  yandex: ["id", "number"],
  zoho: ["ZUID", "number"],
  zoom: ["id", "random"],
};

/** These services return only a name, and a name can pass to another user. */
const withoutOne = ["tumblr"];

/** Members that users choose, or that can pass to another user. */
const CHANGES_HANDS =
  /(^|[._{])(user_?name|login|name|nick(name)?|handle|slug|vanity|e?mail|screen_name|permalink|display_?name|preferred_username)}?$/i;

const profiles = [...loadCatalogue()].filter(([, record]) => record.userinfo_endpoint !== undefined);

describe("[A32] sub is one person's for ever", () => {
  test.each(profiles)("%s: as somebody has looked up", (id, { userinfo_claims: claims }) => {
    if (withoutOne.includes(id)) return expect(claims?.sub).toBeUndefined();
    // Only one path: a second path would give the same user a second identifier.
    expect(claims?.sub).toEqual([reviewed[id]?.[0]]);
  });

  test("and is never what people choose", () => {
    const paths = profiles.flatMap(([, { userinfo_claims: claims }]) => claims?.sub ?? []);
    expect(paths.filter((path) => CHANGES_HANDS.test(path))).toEqual([]);
    for (const name of ["username", "login", "ids.slug", "response.user.name", "user.email", "{nickname}"])
      expect(name).toMatch(CHANGES_HANDS);
  });

  test("nothing was looked up that is not there", () => {
    expect([...Object.keys(reviewed), ...withoutOne].sort()).toEqual(profiles.map(([id]) => id).sort());
  });
});
