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
  "42school": ["id", "number"],
  adobe: ["sub", "OpenID Connect"],
  airtable: ["id", "random"],
  amazon: ["user_id", "for our app"],
  anilist: ["data.Viewer.id", "number"],
  asana: ["data.gid", "number"],
  atlassian: ["account_id", "random"],
  attio: ["authorized_by_workspace_member_id", "random"],
  auth0: ["sub", "OpenID Connect"],
  authelia: ["sub", "OpenID Connect"],
  authentik: ["sub", "OpenID Connect"],
  autodesk: ["sub", "OpenID Connect"],
  basecamp: ["identity.id", "number"],
  battlenet: ["sub", "number"],
  bitbucket: ["account_id", "random"],
  box: ["id", "number"],
  buffer: ["data.account.id", "random"],
  calcom: ["data.id", "number"],
  calendly: ["resource.uri", "address"],
  canva: ["team_user.user_id", "random"],
  "canvas-lms": ["id", "number"],
  cilogon: ["sub", "OpenID Connect"],
  clerk: ["user_id", "random"],
  clickup: ["user.id", "number"],
  close: ["id", "random"],
  cloudflare: ["result.id", "random"],
  codeberg: ["id", "number"],
  cognito: ["sub", "OpenID Connect"],
  coinbase: ["data.id", "random"],
  concept2: ["data.id", "number"],
  contentful: ["sys.id", "random"],
  crowdin: ["data.id", "number"],
  dailymotion: ["id", "random"],
  deviantart: ["userid", "random"],
  digitalocean: ["account.uuid", "random"],
  discord: ["id", "number"],
  disqus: ["response.id", "number"],
  docusign: ["sub", "OpenID Connect"],
  dribbble: ["id", "number"],
  "dropbox-sign": ["account.account_id", "random"],
  dropbox: ["account_id", "random"],
  epicgames: ["sub", "OpenID Connect"],
  esa: ["id", "number"],
  etsy: ["user_id", "number"],
  eventbrite: ["id", "number"],
  eveonline: ["CharacterOwnerHash", "random"],
  facebook: ["id", "for our app"],
  feedly: ["id", "random"],
  figma: ["id", "number"],
  flat: ["id", "random"],
  flodesk: ["id", "random"],
  forgejo: ["id", "number"],
  foursquare: ["response.user.id", "number"],
  freeagent: ["user.url", "address"],
  freshbooks: ["response.id", "number"],
  fusionauth: ["sub", "OpenID Connect"],
  garmin: ["userId", "random"],
  genius: ["response.user.id", "number"],
  gitea: ["id", "number"],
  gitee: ["id", "number"],
  "github-enterprise": ["id", "number"],
  github: ["id", "number"],
  gitlab: ["id", "number"],
  globus: ["sub", "OpenID Connect"],
  "google-health": ["healthUserId", "random"],
  google: ["sub", "OpenID Connect"],
  gumroad: ["user.user_id", "random"],
  gusto: ["resource_owner.uuid", "random"],
  harvest: ["user.id", "number"],
  helpscout: ["id", "number"],
  heroku: ["id", "random"],
  hubspot: ["user_id", "number"],
  huggingface: ["sub", "OpenID Connect"],
  infomaniak: ["sub", "OpenID Connect"],
  inoreader: ["userId", "number"],
  instagram: ["id", "for our app"],
  intercom: ["id", "number"],
  kakao: ["id", "for our app"],
  keycloak: ["sub", "OpenID Connect"],
  kick: ["data.0.user_id", "number"],
  kit: ["user.id", "number"],
  lichess: ["id", "name for life"],
  line: ["userId", "for our app"],
  linear: ["data.viewer.id", "random"],
  linkedin: ["sub", "for our app"],
  linode: ["uid", "random"],
  logto: ["sub", "OpenID Connect"],
  mailchimp: ["login.login_id", "number"],
  mailru: ["id", "number"],
  mastodon: ["id", "number"],
  mattermost: ["id", "random"],
  mediawiki: ["sub", "number"],
  meetup: ["data.self.id", "number"],
  mendeley: ["id", "random"],
  mercadolibre: ["id", "number"],
  microsoft: ["id", "random"],
  miro: ["user.id", "number"],
  monday: ["data.me.id", "number"],
  mural: ["value.id", "random"],
  musicbrainz: ["metabrainz_user_id", "number"],
  myanimelist: ["id", "number"],
  naver: ["response.id", "for our app"],
  netlify: ["id", "random"],
  nextcloud: ["ocs.data.id", "name for life"],
  notion: ["bot.owner.user.id", "random"],
  okta: ["sub", "OpenID Connect"],
  onedrive: ["id", "random"],
  onshape: ["id", "random"],
  openstreetmap: ["user.id", "number"],
  orcid: ["sub", "number"],
  osu: ["id", "number"],
  oura: ["id", "random"],
  pagerduty: ["user.id", "random"],
  patreon: ["data.id", "number"],
  paypal: ["user_id", "address"],
  pinterest: ["id", "number"],
  pipedrive: ["data.id", "number"],
  "planning-center": ["data.id", "number"],
  pocketid: ["sub", "OpenID Connect"],
  podio: ["user.user_id", "number"],
  polar: ["sub", "OpenID Connect"],
  posthog: ["sub", "OpenID Connect"],
  producthunt: ["data.viewer.user.id", "number"],
  pushbullet: ["iden", "random"],
  quickbooks: ["sub", "OpenID Connect"],
  railway: ["sub", "OpenID Connect"],
  raindrop: ["user._id", "number"],
  reddit: ["id", "number"],
  ringcentral: ["id", "number"],
  roblox: ["sub", "OpenID Connect"],
  salesforce: ["{organization_id}-{user_id}", "in its group"],
  sentry: ["sub", "OpenID Connect"],
  seznam: ["oauth_user_id", "random"],
  simplelogin: ["sub", "OpenID Connect"],
  "slack-openid": ["{https://slack\\.com/team_id}-{sub}", "in its group"],
  slack: ["{team_id}-{user_id}", "in its group"],
  smartsheet: ["id", "number"],
  snapchat: ["data.me.externalId", "for our app"],
  soundcloud: ["urn", "number"],
  sourcehut: ["data.me.id", "number"],
  splitwise: ["user.id", "number"],
  spotify: ["account_id", "random"],
  stackexchange: ["items.0.account_id", "number"],
  startgg: ["data.currentUser.id", "number"],
  strava: ["id", "number"],
  streamlabs: ["streamlabs.id", "number"],
  surveymonkey: ["id", "number"],
  teamleader: ["data.id", "random"],
  threads: ["id", "for our app"],
  tiktok: ["data.user.open_id", "for our app"],
  tiltify: ["data.id", "random"],
  todoist: ["id", "random"],
  trakt: ["user.ids.uuid", "random"],
  trello: ["id", "random"],
  twitcasting: ["user.id", "number"],
  twitch: ["data.0.id", "number"],
  typeform: ["user_id", "random"],
  uber: ["uuid", "random"],
  unsplash: ["id", "random"],
  vercel: ["sub", "OpenID Connect"],
  vimeo: ["uri", "address"],
  vk: ["user.user_id", "number"],
  wahoo: ["id", "number"],
  wakatime: ["data.id", "random"],
  wave: ["data.user.id", "random"],
  webex: ["id", "random"],
  webflow: ["id", "random"],
  whoop: ["user_id", "number"],
  wikimedia: ["sub", "number"],
  wordpress: ["ID", "number"],
  workos: ["sub", "OpenID Connect"],
  wrike: ["data.0.id", "random"],
  x: ["data.id", "number"],
  xero: ["xero_userid", "random"],
  yahoo: ["sub", "OpenID Connect"],
  yandex: ["id", "number"],
  ynab: ["data.user.id", "random"],
  zendesk: ["user.id", "number"],
  zeplin: ["id", "random"],
  zitadel: ["sub", "OpenID Connect"],
  zoho: ["ZUID", "number"],
  zoom: ["id", "random"],
};

/** These services return only a name, which can pass to another user, or an account that several people share. */
const withoutOne = [
  "bitly",
  "constant-contact",
  "front",
  "jobber",
  "klaviyo",
  "mixcloud",
  "mollie",
  "square",
  "squarespace",
  "tumblr",
];

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
