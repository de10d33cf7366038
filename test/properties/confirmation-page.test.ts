import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { armingMs } from "../../client/confirmation/gate.ts";
import { unseal } from "../../server/sealing/seal.ts";
import type { Question, UnnamedQuestion } from "../../shared/page-messages.ts";
import { encodeFragment } from "../../shared/page-messages.ts";
import { RUNS, serviceOf, spyOnFetch } from "../attacks/tools.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  EVIL,
  GOOD,
  Jar,
  OWN_PAGE,
  pkcePair,
  pressContinue,
  readFragment,
  testProvider,
} from "../tools/harness.ts";
import type { Delivery, FakeNode, PageScripts, View } from "./tab.ts";
import { confirmationScripts, Tab } from "./tab.ts";

/**
 * The whole gate: the confirmation page as we serve it, in a tab of the victim's browser, with the real endpoint behind
 * it. An attacker opens and reloads the page, changes its fragment, sends it messages, and closes its opener. A user
 * presses buttons at any time.
 */

const provider = testProvider();
const now = new Date("2026-06-01T12:00:00Z");
const HANDSHAKE = "authorizing:github";
const victim = new Jar();

type AnyQuestion = Question | UnnamedQuestion;
const questions: AnyQuestion[] = [];
let scripts: PageScripts;

/* ---- Logins that have reached the question ---- */

/** A login by an OAuth app. */
function askOAuth(
  jar: Jar,
  app: string,
  overrides: Record<string, string> = {},
  service = "github",
): Promise<AnyQuestion> {
  const query = authorizationRequest(pkcePair().challenge, {
    client_id: `${app}/`,
    redirect_uri: `${app}/callback`,
    ...overrides,
  });
  return askAfter(jar, `/authorize/${service}?${query}`, `${app}/`, service);
}

/** Goes through the start page (if it is shown) and the service, and back. */
async function askAfter(jar: Jar, start: string, referer: string, service: string): Promise<AnyQuestion> {
  const started = await call("authorize", provider, start, { jar, headers: { referer } });
  const location = new URL(started.headers.get("location")!);
  const toService = location.pathname === "/start" ? await pressContinue(provider, started, jar) : location;
  const returned = new URLSearchParams({ code: CANARY.serviceCode, state: toService.searchParams.get("state")! });
  return readFragment<AnyQuestion>(await call("callback", provider, `/callback/${service}?${returned}`, { jar }));
}

async function askMadata(jar: Jar, app: string): Promise<AnyQuestion> {
  const returned = new URLSearchParams({
    code: CANARY.serviceCode,
    state: JSON.stringify({ url: `${app}/`, backend: "Github" }),
  });
  return readFragment<AnyQuestion>(await call("callback", provider, `/callback?${returned}`, { jar }));
}

async function collectQuestions(): Promise<void> {
  for (const app of [GOOD, EVIL]) {
    questions.push(await askOAuth(victim, app));
    questions.push(await askOAuth(victim, app, { response_mode: "web_message" }));
    questions.push(await askOAuth(victim, app, { redirect_uri: `${app}/go/${EVIL}/` }));
    questions.push(await askMadata(victim, app));
  }
  questions.push(await askOAuth(victim, GOOD, { response_mode: "web_message" }, "other"));
  questions.push(await askAfter(victim, "/auth?provider=github&scope=repo", GOOD, "github"));
  // The attacker has logins in his own browser too.
  questions.push(await askOAuth(new Jar(), EVIL), await askMadata(new Jar(), EVIL));
}

/* ---- What can happen ---- */

/** What the user saw when pressing Yes. */
interface Consent {
  origin: string;
  /** The full addresses that the result may be sent to. */
  addresses: string[];
  service: string;
  /** How long the page had been whole, visible, focused and undisturbed, without any press. */
  calmMs: number;
  isRead: boolean;
}

interface World {
  tab: Tab;
  /** Since when the page has been whole, visible, focused and undisturbed, without any press. */
  calmSince: number;
  /** Whether everything on the card has been in view. */
  isRead: boolean;
  /** The user's latest consent. It allows one release, at this moment. */
  consent: Consent | undefined;
  released: number;
}

type Step = fc.AsyncCommand<World, World>;

function step(name: string, run: (world: World) => void): Step {
  return {
    check: () => true,
    toString: () => name,
    run: async (world) => {
      const { tab } = world;
      const before = tab.yes;
      world.consent = undefined;
      run(world);
      await tab.settle();
      await expectNothingElseReleased(world);
      // A different question, or the same one shown again.
      if (tab.yes !== before) Object.assign(world, { calmSince: performance.now(), isRead: false });
      world.isRead ||= isInSight(tab) && ["whole", "end"].includes(tab.view);
    },
  };
}

function isInSight({ isVisible, isFocused }: Tab): boolean {
  return isVisible && isFocused;
}

/** Restarts the time for which the user can have read the page. */
function disturbance(name: string, run: (world: World) => void): Step {
  return step(name, (world) => {
    run(world);
    world.calmSince = performance.now();
  });
}

/** What the attacker can put into a link. He cannot read another browser, but we assume that he has seen everything. */
const fragment = fc
  .record(
    {
      origin: fc.constantFrom(GOOD, EVIL, "*", "null"),
      service: fc.constantFrom("github", "other", "unheard-of"),
      delivery: fc.constantFrom("message" as const, "navigation" as const),
      redirectUri: fc.constantFrom(
        `${GOOD}/callback`,
        `${GOOD}/`,
        GOOD,
        `${GOOD}/go/${EVIL}/`,
        `${EVIL}/callback`,
        undefined,
      ),
      refused: fc.boolean(),
      ticketOf: fc.nat(),
    },
    { requiredKeys: [] },
  )
  .chain((changes) =>
    fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constant(changes) }),
  );

const opening = fc
  .tuple(fc.nat(), fragment)
  .map(([index, changes]) =>
    step(`open question ${index} with ${fc.stringify(changes)}`, ({ tab }) => tab.open(fragmentOf(index, changes))),
  );

const changingFragment = fc
  .tuple(fc.nat(), fragment)
  .map(([index, changes]) =>
    step(`change to question ${index} with ${fc.stringify(changes)}`, ({ tab }) =>
      tab.changeFragment(fragmentOf(index, changes)),
    ),
  );

/** @param ticketOf the index of another question, whose ticket the link contains */
function fragmentOf(index: number, { ticketOf = index, ...changes }: { ticketOf?: number }): string {
  const { ticket } = questions[ticketOf % questions.length]!;
  return encodeFragment({ ...questions[index % questions.length]!, ...changes, ticket });
}

const disturbing = fc.constantFrom(
  step("reload", ({ tab }) => tab.reload()),
  disturbance("blur", ({ tab }) => tab.setFocused(false)),
  disturbance("focus", ({ tab }) => tab.setFocused(true)),
  disturbance("hide", ({ tab }) => tab.setVisible(false)),
  disturbance("show", ({ tab }) => tab.setVisible(true)),
  disturbance("make the window as small as can be", ({ tab }) => tab.resize("none")),
  disturbance("make the window small", ({ tab }) => tab.resize("top")),
  disturbance("enlarge the window", ({ tab }) => tab.resize("whole")),
  disturbance("move the window", ({ tab }) => (tab.window.screenX += 1)),
);

/** In a window that is too small for the whole card. */
const scrolling = fc.constantFrom<View>("top", "end").map((view) =>
  step(`scroll to the ${view}`, (world) => {
    const { tab } = world;
    if (!["top", "end"].includes(tab.view)) return;
    if (view !== tab.view) world.calmSince = performance.now();
    tab.scroll(view);
  }),
);

const losingOpener = fc.constant(step("close the opener", ({ tab }) => tab.opener && (tab.opener.closed = true)));

/** Includes a CMS's messages. Anybody can send them, and the browser reports the sender's origin. */
const saying = fc
  .record({
    data: fc.constantFrom<unknown>(HANDSHAKE, "yes", { decision: "yes" }, null),
    origin: fc.constantFrom(GOOD, EVIL, "null"),
    fromOpener: fc.boolean(),
  })
  .map((message) => step(`say ${fc.stringify(message)}`, ({ tab }) => tab.receive(message)));

const waiting = fc
  .oneof(
    { weight: 3, arbitrary: fc.constant(armingMs) },
    { weight: 1, arbitrary: fc.constantFrom(100, 500, 999, 30_000, 660_000) },
  )
  .map((ms) => step(`wait ${ms} ms`, () => void vi.advanceTimersByTime(ms)));

function pressing(name: string, press: (tab: Tab, yes: FakeNode) => void): Step {
  return step(name, (world) => {
    const { tab, calmSince, isRead } = world;
    const [yes, origin, service, address] = [tab.yes, tab.shownOrigin, tab.shownService, tab.shownAddress];
    if (yes === undefined || origin === undefined || service === undefined) return;
    const isSeen = isInSight(tab) && ["whole", "top"].includes(tab.view);
    const addresses = address === undefined ? [origin, `${origin}/`] : [address];
    world.consent = { origin, addresses, service, isRead, calmMs: isSeen ? performance.now() - calmSince : 0 };
    press(tab, yes);
    world.calmSince = performance.now();
  });
}

const meaning = fc.constantFrom(
  pressing("press Yes with the mouse", (tab, yes) => tab.click(yes)),
  pressing("press Yes with the keyboard", (tab, yes) => {
    tab.key("keydown", yes);
    tab.key("keyup", yes);
  }),
  pressing("press Yes by assistive technology", (tab, yes) => tab.activate(yes)),
);

/** None of these is intended, and after each of them the page accepts no press for a second. */
const notMeaning = fc.constantFrom(
  disturbance("a script presses Yes", ({ tab }) => tab.yes && tab.click(tab.yes, { isTrusted: false })),
  disturbance("a held key repeats", ({ tab }) => tab.yes && tab.key("keydown", tab.yes, true)),
  disturbance("a held key comes up", ({ tab }) => tab.yes && tab.key("keyup", tab.yes)),
  disturbance("press something else", ({ tab }) => tab.click(tab.body)),
  disturbance("press No", ({ tab }) => tab.no && tab.click(tab.no)),
);

/* ---- What must hold ---- */

interface Secret {
  to: string;
  /** The address of the navigation, without the added parameters. */
  address?: string;
  what: string;
}

/** A code or a token that has left the page, and its recipient. */
function secretIn(delivery: Delivery): Secret[] {
  if ("address" in delivery) {
    const { origin, searchParams } = new URL(delivery.address, provider.origin);
    const [address = ""] = delivery.address.split("?");
    return searchParams.getAll("code").map((what) => ({ to: origin, address, what }));
  }
  const { message, targetOrigin: to } = delivery;
  if (JSON.stringify(message).includes(CANARY.accessToken)) return [{ to, what: CANARY.accessToken }];
  const { code } = (message as { response?: { code?: string } }).response ?? {};
  return code === undefined ? [] : [{ to, what: code }];
}

async function expectNothingElseReleased(world: World): Promise<void> {
  const { tab, consent } = world;
  const secrets = tab.deliveries.flatMap(secretIn);
  expect(secrets.length - world.released, "releases at once").toBeLessThanOrEqual(1);
  if (secrets.length > world.released) await expectConsentedTo(secrets.at(-1)!, consent);
  world.released = secrets.length;
  // The only message without a specific target origin is the page's half of the handshake.
  for (const delivery of tab.deliveries) {
    if ("targetOrigin" in delivery && delivery.targetOrigin === "*") expect(delivery.message).toBe(HANDSHAKE);
  }
}

async function expectConsentedTo({ to, address, what }: Secret, consent: Consent | undefined): Promise<void> {
  expect(consent, "a release that nobody has consented to").toBeDefined();
  expect(to, "to whom").toBe(consent!.origin);
  if (address !== undefined) expect(consent!.addresses, "where to").toContain(address);
  expect(consent!.calmMs, "in view and at rest for").toBeGreaterThanOrEqual(armingMs);
  expect(consent!.isRead, "read to the end").toBe(true);
  if (what !== CANARY.accessToken) expectCodeFor(consent!, what);
}

/** The code belongs to the service on the page and to a login of the app on the page. */
function expectCodeFor({ origin, service: shown }: Consent, code: string): void {
  const service = serviceOf(provider, shown.includes("Other") ? "other" : "github");
  expect(unseal("code", code, { provider, service })?.content.transaction).toMatchObject({ appOrigin: origin });
}

describe("whatever happens to the confirmation page and around it", () => {
  beforeAll(async () => {
    scripts = await confirmationScripts([...provider.services.values()]);
    vi.useFakeTimers({ toFake: ["Date"], now });
    await collectQuestions();
    vi.useRealTimers();
  });
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"], now }));
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("[A1][A4][A6][A7][A8][A21] nothing is released but to the origin and the address on the page, once it is read, after a quiet second, by a person's press", async () => {
    spyOnFetch();
    let released = 0;
    const acting = [opening, waiting, waiting, meaning, meaning, meaning];
    const attacking = [notMeaning, disturbing, scrolling, changingFragment, losingOpener, saying];
    const steps = fc.commands([...acting, ...acting, ...attacking], { maxCommands: 16, size: "max" });
    const view = fc.constantFrom<View>("whole", "whole", "whole", "top");
    const start = fc.record({ index: fc.nat(), changes: fragment, isOpened: fc.boolean(), view });
    await fc.assert(
      fc.asyncProperty(steps, start, async (commands, { index, changes, isOpened, view }) => {
        // Otherwise, the pages of earlier runs would go on.
        vi.clearAllTimers();
        vi.setSystemTime(now);
        const post = (body: string) =>
          call("decision", provider, "/decision", { method: "POST", jar: victim, headers: OWN_PAGE, body });
        const tab = new Tab({ scripts, post, opener: isOpened ? { closed: false } : null });
        tab.resize(view);
        tab.open(fragmentOf(index, changes));
        await tab.settle();
        const world: World = {
          tab,
          calmSince: performance.now(),
          isRead: view === "whole",
          consent: undefined,
          released: 0,
        };
        await fc.asyncModelRun(() => ({ model: world, real: world }), commands);
        released += world.released;
      }),
      RUNS,
    );
    // Without enough releases, the property above would prove nothing.
    expect(released).toBeGreaterThan(50);
  });
});
