import { createHash, randomBytes } from "node:crypto";
import { startDemoService } from "../../demo/service.ts";
import { siteOf } from "../../hosts/published-folder.ts";
import type { Site } from "../../hosts/site.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { Decision, Question } from "../../shared/page-messages.ts";
import { buildPublished } from "../build/build-site.ts";
import { DEMO_ID, developmentConfiguration } from "../dev/development-configuration.ts";
import { makeTemporaryFolder } from "../files/temporary-folder.ts";
import { isStarted } from "../terminal/command-line.ts";
import { Visitor } from "./visitor.ts";

/**
 * One whole login at the owner's provider, as a standard client makes it, with the demo service of `npm run dev`. The
 * handlers, the published files and the service are the real ones. Only the browser is not: nobody sees the question.
 */

/** Nothing is requested there: .test is reserved (RFC 6761). */
const PROVIDER = "http://localhost:8888";
const APP = "https://app.test";
const REDIRECT_URI = `${APP}/callback`;
const PERSON = { id: "alice", name: "Alice Example" };

/** Restrictions of the real site would refuse this app. */
const ENVIRONMENT = { URL: PROVIDER, ALLOWED_APPS: "" };

/** @throws {Error} that says which step failed */
export async function logIn(): Promise<void> {
  const clientSecret = randomBytes(32).toString("base64url");
  const redirectUris = [`${PROVIDER}/callback/${DEMO_ID}`];
  const service = await startDemoService({ clientId: "the-provider-under-test", clientSecret, redirectUris });
  const { folder, remove } = await makeTemporaryFolder("auth-provider-test-");
  try {
    const configuration = await developmentConfiguration(service.record, clientSecret);
    await buildPublished(configuration, folder);
    const provider = createProvider(configuration, { ...process.env, ...ENVIRONMENT });
    await logInAt(await siteOf(provider, folder));
  } finally {
    await service.stop();
    await remove();
  }
}

async function logInAt(site: Site): Promise<void> {
  const browser = new Visitor((request) => (new URL(request.url).origin === PROVIDER ? site(request) : fetch(request)));
  const verifier = randomBytes(32).toString("base64url");

  const toService = await startLogin(browser, createHash("sha256").update(verifier).digest("base64url"));
  const returned = await logInAtService(browser, toService);
  const question = await readQuestion(browser, returned);
  const code = await sayYes(browser, question);
  const accessToken = await redeem(site, code, verifier);
  await readProfile(site, accessToken);
}

/** RFC 6749 §4.1.1, from a page of the app. */
async function startLogin(browser: Visitor, challenge: string): Promise<URL> {
  const parameters = new URLSearchParams({
    client_id: `${APP}/`,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    code_challenge: challenge,
    code_challenge_method: "S256",
    state: "state-of-the-app",
  });
  const address = new URL(`${PROVIDER}/authorize/${DEMO_ID}?${parameters}`);
  return browser.follow(address, { headers: { referer: `${APP}/` } });
}

/** Logs in and allows access, until the service sends the browser back. */
async function logInAtService(browser: Visitor, start: URL): Promise<URL> {
  let address = start;
  while (address.origin !== PROVIDER) {
    const page = await browser.visit(address);
    const next = page.location ?? (await browser.follow(address, answerTo(page.text)));
    address = new URL(next, address);
  }
  return address;
}

function answerTo(page: string): RequestInit {
  const answer = page.includes('name="person"') ? { person: PERSON.id } : { decision: "allow" };
  return { method: "POST", body: new URLSearchParams(answer) };
}

/** The question that the confirmation page would show. */
async function readQuestion(browser: Visitor, callback: URL): Promise<Question> {
  const confirmation = await browser.follow(callback);
  const page = await browser.visit(confirmation);
  if (!page.text.includes("<script")) throw new Error(`${confirmation.pathname} is no page with a script.`);

  const question: Question = JSON.parse(Buffer.from(confirmation.hash.slice(1), "base64url").toString());
  require(question.origin === APP && question.service === DEMO_ID, "The question names another app or service.");
  return question;
}

async function sayYes(browser: Visitor, question: Question): Promise<string> {
  const { ticket, origin, service } = question;
  const decision: Decision = { ticket, origin, service, redirectUri: REDIRECT_URI, decision: "yes", opener: false };
  const { text } = await browser.visit(new URL(`${PROVIDER}/decision`), {
    method: "POST",
    headers: { origin: PROVIDER, "sec-fetch-site": "same-origin", "content-type": "application/json" },
    body: JSON.stringify(decision),
  });
  const landed = new URL((JSON.parse(text) as { location: string }).location);
  require(landed.origin + landed.pathname === REDIRECT_URI, "The code was sent somewhere else than to the app.");
  return landed.searchParams.get("code") ?? "";
}

/** RFC 6749 §4.1.3, from the app. */
async function redeem(site: Site, code: string, verifier: string): Promise<string> {
  const form = { grant_type: "authorization_code", client_id: `${APP}/`, redirect_uri: REDIRECT_URI };
  const { text } = await new Visitor(site).visit(new URL(`${PROVIDER}/token/${DEMO_ID}`), {
    method: "POST",
    headers: { origin: APP },
    body: new URLSearchParams({ ...form, code, code_verifier: verifier }),
  });
  return (JSON.parse(text) as { access_token: string }).access_token;
}

async function readProfile(site: Site, accessToken: string): Promise<void> {
  const { text } = await new Visitor(site).visit(new URL(`${PROVIDER}/userinfo/${DEMO_ID}`), {
    headers: { authorization: `Bearer ${accessToken}`, origin: APP },
  });
  const { name } = JSON.parse(text) as { name?: string };
  require(name === PERSON.name, "The access token leads to another person's profile.");
}

function require(isRight: boolean, fault: string): void {
  if (!isRight) throw new Error(fault);
}

// A process of its own, because the provider prints its log.
if (isStarted(import.meta.url)) await logIn();
