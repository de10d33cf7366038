import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asksForOfflineAccess, readScopes, scopesBeyond } from "../../server/request/scopes.ts";
import { readBinding } from "../../server/sealing/browser-binding.ts";
import { parseAppUrl } from "../../shared/app-url.ts";
import { RUNS } from "../attacks/tools.ts";
import { PROVIDER, plainService, testProvider } from "../tools/harness.ts";

/**
 * The counterpart of the refusals: strict rules must not exclude honest users and apps. The provider understands what
 * browsers send, in every order and form.
 */

const provider = testProvider();

describe("the address of an app, as its own browser reports it", () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
  // Excludes names that could be parsed as a number, and thus as an IPv4 address.
  const publicHost = fc
    .tuple(fc.array(label, { minLength: 1, maxLength: 4 }), fc.constantFrom("example", "com", "co.uk", "xn--p1ai"))
    .map(([labels, topLevel]) => [...labels, topLevel].join("."));
  const start = fc.oneof(
    publicHost.map((host) => `https://${host}`),
    fc.constantFrom("http://localhost", "http://127.0.0.1", "http://[::1]", "https://localhost"),
  );
  const port = fc.oneof(
    fc.constant(""),
    fc.integer({ min: 1, max: 65_535 }).map((number) => `:${number}`),
  );
  const query = fc.webQueryParameters().map((text) => `?${text}`);
  const rest = fc.oneof(
    fc.webPath(),
    fc.string(),
    query,
    fc.webFragments().map((text) => `#${text}`),
  );

  /** `location.href` of a page there, as the URL parser has normalized it. */
  const href = fc
    .tuple(start, port, rest)
    .map(([origin, colonPort, path]) => `${origin}${colonPort}/${path}`)
    .filter((text) => URL.canParse(text))
    .map((text) => new URL(text));

  test("[A4] is accepted, and says the same origin as the browser", () => {
    fc.assert(
      fc.property(href, ({ href, origin, hostname }) => {
        // Browsers leave a backslash in a query or a fragment, but we refuse it.
        fc.pre(href.length <= 2_048 && !href.includes("\\"));
        expect(parseAppUrl(href)).toMatchObject({ href, origin, hostname });
      }),
      RUNS,
    );
  });

  test("[A4] is accepted by its origin alone, and by that once more", () => {
    fc.assert(
      fc.property(href, ({ origin }) => {
        const app = parseAppUrl(origin);
        expect(app?.origin).toBe(origin);
        expect(parseAppUrl(app?.href)).toEqual(app);
      }),
      RUNS,
    );
  });
});

describe("the binding cookie", () => {
  const binding = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/);
  /** A cookie that other pages of the site may have set, if any: all octets that are allowed (RFC 6265 §4.1.1). */
  const octets = fc.string({ unit: fc.constantFrom(..."!#$%&'()*+-./09:<=>?@AZ[]^_`az{|}~") });
  const otherName = octets.filter((name) => name !== "" && !name.includes("=") && name !== "__Host-ap");
  const other = fc.tuple(otherName, octets).map((pair) => pair.join("="));

  test("[A13] is found among any others, in any place", () => {
    fc.assert(
      fc.property(binding, fc.array(other, { maxLength: 8 }), fc.nat(), (value, others, place) => {
        const header = others.toSpliced(place % (others.length + 1), 0, `__Host-ap=${value}`).join("; ");
        const request = new Request(PROVIDER, { headers: { cookie: header } });
        expect(readBinding(request, provider)).toBe(value);
      }),
      RUNS,
    );
  });

  test("[A38] is absent when there are two, whatever the second says and wherever it stands", () => {
    fc.assert(
      fc.property(
        binding,
        fc.oneof(binding, octets),
        fc.array(other, { maxLength: 4 }),
        fc.nat(),
        (value, second, others, place) => {
          const cookies = [`__Host-ap=${value}`, ...others];
          const header = cookies.toSpliced(place % (cookies.length + 1), 0, `__Host-ap=${second}`).join("; ");
          const request = new Request(PROVIDER, { headers: { cookie: header } });
          expect(readBinding(request, provider)).toBeUndefined();
        },
      ),
      RUNS,
    );
  });
});

describe("scopes", () => {
  const scope = fc.stringMatching(/^[A-Za-z0-9._:/[\]-]{1,12}$/).filter((token) => token !== "offline_access");
  const scopes = fc.uniqueArray(scope, { minLength: 1, maxLength: 6 });

  test("[A31] well-formed ones are asked for as they are, whatever spaces stand between and behind them", () => {
    const spaces = fc.constantFrom(" ", "  ", "   ");
    fc.assert(
      fc.property(scopes, spaces, fc.boolean(), (tokens, space, isOffline) => {
        const text = `${space}${[...tokens, ...(isOffline ? ["offline_access"] : [])].join(space)}${space}`;
        expect(readScopes(text, plainService())).toEqual(tokens);
        expect(asksForOfflineAccess(text)).toBe(isOffline);
      }),
      RUNS,
    );
  });

  test("[A31] an allow-list lets through every choice from it, and nothing with anything else", () => {
    fc.assert(
      fc.property(scopes, scopes, fc.infiniteStream(fc.boolean()), (allowed, asked, choose) => {
        const service = plainService({ allowedScopes: allowed });
        const chosen = allowed.filter(() => choose.next().value);
        if (chosen.length > 0) expect(readScopes(chosen.join(" "), service)).toEqual(chosen);
        const isWithin = asked.every((token) => allowed.includes(token));
        expect(readScopes(asked.join(" "), service)).toEqual(isWithin ? asked : undefined);
      }),
      RUNS,
    );
  });

  test("[A31] what a service grants is compared with what was shown: the rest is named, in whatever order, and nothing else", () => {
    fc.assert(
      fc.property(scopes, scopes, fc.infiniteStream(fc.boolean()), (shown, more, choose) => {
        const extra = more.filter((token) => !shown.includes(token) && token !== "openid");
        const granted = [...extra, "openid", ...shown].filter(() => choose.next().value);
        const expected = granted.filter((token) => extra.includes(token));
        expect(scopesBeyond(shown, granted, plainService())).toEqual(expected);
        expect(scopesBeyond(shown, granted, plainService({ scopesMerged: true }))).toEqual([]);
        expect(scopesBeyond(shown, granted, plainService({ offlineScopes: extra }))).toEqual([]);
      }),
      RUNS,
    );
  });
});
