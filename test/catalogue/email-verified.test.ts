import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../catalogue/load.ts";
import { hasExpectedValues } from "../../server/upstream/json-path.ts";

/**
 * How each service says that it has checked an e-mail address. Apps find an account by a checked address, so a wrong
 * entry hands over somebody's account ("nOAuth"). Where the documentation is silent, or where anybody's administrator
 * can set any address, there is no entry.
 *
 * Each was looked up in stored copies, not by asking the service: in the maker's own pages (some only as other
 * repositories have copied them), documentation sources, SDKs or server; for trello, twitch, wakatime and zoom in the
 * maker's words as libraries repeat them. Google says it of the ID token, which has the same field, and huggingface
 * only that the field is OpenID Connect's.
 *
 * auth0, clerk, cognito, keycloak, workos and zitadel are identity servers, and whoever sets up this service names one
 * of them by its host. Its administrators can say that an address is checked, or trust another provider that says so.
 * Then they vouch for it, and nobody else can. This counts as checked. It does not if the server says so of every
 * address without anybody having said it.
 */

const reviewed: Record<string, Record<string, string | number | boolean>> = {
  auth0: { email_verified: true },
  clerk: { email_verified: true },
  // The user pool answers with text.
  cognito: { email_verified: "true" },
  digitalocean: { "account.email_verified": true },
  discord: { verified: true },
  dropbox: { email_verified: true },
  google: { email_verified: true },
  huggingface: { email_verified: true },
  intercom: { email_verified: true },
  // An address that now belongs to another account is not valid, although it was checked once.
  kakao: { "kakao_account.is_email_valid": true, "kakao_account.is_email_verified": true },
  keycloak: { email_verified: true },
  linkedin: { email_verified: true },
  patreon: { "data.attributes.is_email_verified": true },
  // "legacy" means that nobody was asked.
  todoist: { verification_status: "verified" },
  trello: { confirmed: true },
  // The answer has an address only if it is checked.
  twitch: {},
  wakatime: { "data.is_email_confirmed": true },
  workos: { email_verified: true },
  zitadel: { email_verified: true },
  zoom: { verified: 1 },
};

/** Services that look as if they said it, and why they do not. */
const traps: Record<string, string> = {
  authelia: "assumes that every address is checked",
  authentik: "said so of every address, whether checked or not, in its default mapping",
  dailymotion: "verified means that the channel is a partner's",
  facebook: "says nothing about it",
  fusionauth: "says so of every address while checking is switched off, and if checking was skipped",
  github: "the address is the one of the public profile, and only /user/emails says which are checked",
  gitlab: "an administrator can confirm any address",
  heroku: "verified means that the account has a payment method",
  logto: "says so of every address, also of those from the API or from Facebook",
  mattermost: "an administrator can confirm any address",
  microsoft: "an administrator of any tenant can set any address",
  nextcloud: "an administrator can set any address",
  okta: "says so of every address that an administrator has set",
  pocketid: "said so of every address, whether checked or not, in its default settings",
  quickbooks: "emailVerified is in its SDKs, but no page was found that says what it means",
  salesforce: "email_verified says what the organisation has switched on, and an administrator can set any address",
  "slack-openid": "an administrator of any workspace can set any address",
  spotify: "its documentation says that the address is not checked",
  yandex: "says nothing about it",
  zendesk: "verified may be about another address of the user",
};

const records = [...loadCatalogue()];
const claiming = records.filter(([, record]) => record.email_verified !== undefined);

describe("[A32] an address counts as checked", () => {
  test("only at services whose documentation somebody has read", () => {
    expect(Object.fromEntries(claiming.map(([id, record]) => [id, record.email_verified]))).toEqual(reviewed);
  });

  test.each(claiming)("%s: with the page that says so, and an address", (_, record) => {
    expect(record.email_verified_docs_url).toMatch(/^https:/);
    expect(record.userinfo_claims?.email).toHaveLength(1);
  });

  test("nowhere without an entry", () => {
    const pages = records.filter(([, record]) => record.email_verified_docs_url !== undefined);
    expect(pages.map(([id]) => id)).toEqual(claiming.map(([id]) => id));
  });

  test.each(Object.keys(traps))("not at %s", (id) => {
    expect(loadCatalogue().get(id)).toBeDefined();
    expect(reviewed).not.toHaveProperty([id]);
  });

  test.each(claiming.filter(([id]) => id !== "twitch"))(
    "%s: not by an answer that says nothing, or no",
    (_, record) => {
      const expected = record.email_verified!;
      const answerWith = (value: unknown) =>
        Object.keys(expected).reduce<Record<string, unknown>>(
          (answer, path) => put(answer, path.split("."), value),
          {},
        );
      for (const value of [undefined, null, false, 0, "", "false", "0", "unverified", "legacy", [true], {}])
        expect(hasExpectedValues(answerWith(value), expected), JSON.stringify(value)).toBe(false);
    },
  );
});

function put(
  answer: Record<string, unknown>,
  [name = "", ...inner]: string[],
  value: unknown,
): Record<string, unknown> {
  const member = (answer[name] ?? {}) as Record<string, unknown>;
  return { ...answer, [name]: inner.length === 0 ? value : put(member, inner, value) };
}
