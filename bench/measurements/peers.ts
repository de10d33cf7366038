import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { installFolder } from "../../scripts/files/install-folder.ts";
import { bundle, wrap } from "../setup/build.ts";
import type { Call, Reply } from "../setup/call.ts";
import { cookieHeader } from "../setup/call.ts";
import { startHost } from "../setup/host.ts";
import type { Send } from "../setup/journey.ts";
import type { LoginSubject, Subject, TestBed } from "../setup/subjects.ts";
import type { ColdFigures } from "./cold.ts";
import { measureCold, wrapped } from "./cold.ts";
import type { LoginFigures } from "./login.ts";
import { measureLogins } from "./login.ts";
import type { Peer } from "./peer-list.ts";
import { CODE, PEERS } from "./peer-list.ts";
import { measureWarm, QUICK, THOROUGH } from "./warm.ts";

/**
 * Measures libraries that do the same job or a part of it. Each is one function, bundled and wrapped in the same way as
 * ours. Their features differ, so each row says what the library does.
 */

export interface PeerFigures {
  name: string;
  gzip: number;
  /** Of all calls of a login. */
  whole: LoginFigures;
  login?: ColdFigures;
  exchange?: ColdFigures;
  warmLoginUs?: number[];
  note: string;
}

export type PeersResult = Record<string, PeerFigures>;

const FOLDER = fileURLToPath(new URL("../peers/", import.meta.url));

/** What to measure for one row of the table. */
interface Row {
  id: string;
  name: string;
  note: string;
  /** The file whose size is shown. */
  file: string;
  whole: Pick<LoginSubject, "wrapped" | "logIn">;
  login: Subject | undefined;
  exchange: Subject | undefined;
}

export async function measurePeers(
  stage: TestBed,
  { runs, quick }: { runs: number; quick: boolean },
  progress: (text: string) => void,
): Promise<PeersResult> {
  await installFolder(FOLDER, () => progress("Installing the peers"));
  // OpenAuth keeps its keys in a store that outlives the process.
  const peerStage = { ...stage, env: { ...stage.env, BENCH_STORAGE: join(stage.folder, "storage.json") } };
  const rows = [...ownRows(stage), ...(await peerRows(peerStage, progress))];

  const contestants = rows.flatMap(({ id, login, exchange }) => [
    ...(login ? [wrapped(peerStage, login, `${id} login`)] : []),
    ...(exchange ? [wrapped(peerStage, exchange, `${id} exchange`)] : []),
  ]);
  const cold = await measureCold(peerStage, contestants, runs, (round) =>
    progress(`First calls of peers, round ${round} of ${runs}`),
  );
  const wholeLogins = rows.map(({ id, whole }) => ({ ...whole, name: id }));
  const whole = await measureLogins(peerStage, wholeLogins, runs, (round) =>
    progress(`Whole logins of peers, round ${round} of ${runs}`),
  );
  const logins = rows.flatMap(({ id, login }) => (login ? [{ ...login, name: id }] : []));
  const warm = await measureWarm(peerStage, logins, quick ? QUICK : THOROUGH, (round) =>
    progress(`Warm calls of peers, round ${round}`),
  );

  const figures = rows.map(async ({ id, name, note, file }): Promise<[string, PeerFigures]> => {
    const [login, exchange, warmLogin] = [cold[`${id} login`], cold[`${id} exchange`], warm[id]];
    const gzip = gzipSync(await readFile(file)).length;
    const times = {
      ...(login && { login }),
      ...(exchange && { exchange }),
      ...(warmLogin && { warmLoginUs: warmLogin.us }),
    };
    return [id, { name, note, gzip, whole: whole[id]!, ...times }];
  });
  return Object.fromEntries(await Promise.all(figures));
}

function ownRows({ own, floor, logins }: TestBed): Row[] {
  return [
    {
      id: "floor",
      name: "crypto floor",
      note: "PKCE, sealed state, cookie; checks nothing",
      file: floor.exchange.file,
      whole: logins.floor,
      login: floor.login,
      exchange: floor.exchange,
    },
    {
      id: "own",
      name: "this provider",
      note: "all of SECURITY.md; the exchange is its token endpoint",
      file: own.token.file,
      whole: logins.own,
      login: own.authorize,
      exchange: own.token,
    },
  ];
}

async function peerRows(stage: TestBed, progress: (text: string) => void): Promise<Row[]> {
  progress("Bundling the peers");
  const functions = join(stage.folder, "peers");
  await bundlePeers(functions);
  const shipped = await wrap(functions, join(stage.folder, "wrapped-peers"));

  const rows: Row[] = [];
  for (const peer of PEERS) {
    progress(`Trying ${peer.name}`);
    const { id, name, note } = peer;
    const file = join(functions, `${id}.mjs`);
    const logIn = (send: Send): Promise<PeerCalls> => logInAt(peer, send, stage.env.BENCH_SERVICE!);
    const host = await startHost({ child: stage.child("host"), file, env: stage.env });
    const { login, exchange } = await logIn(async (call) => (await host.call(call)).reply).finally(() => host.stop());
    const subject = (call: Call | undefined, isRight: Subject["isRight"]): Subject | undefined =>
      call && { name, file, wrapped: shipped.get(id)!, prepare: () => Promise.resolve(call), isRight };
    const isSentOn = (reply: Reply): boolean => addressIn(peer, reply) !== undefined;
    rows.push({
      ...{ id, name, note, file },
      whole: { wrapped: shipped.get(id)!, logIn: async (send) => void (await logIn(send)) },
      login: subject(login, isSentOn),
      exchange: subject(exchange, peer.isExchanged),
    });
  }
  return rows;
}

/** The calls of one login that are also measured on their own. */
interface PeerCalls {
  login?: Call;
  exchange: Call;
}

/** Goes through a whole login. */
async function logInAt(peer: Peer, send: Send, serviceOrigin: string): Promise<PeerCalls> {
  const { login, exchange } = await startLoginAt(peer, send, serviceOrigin);
  const end = await send(exchange);
  if (!peer.isExchanged(end)) throw new Error(`${peer.name} did not exchange: ${end.status} ${JSON.stringify(end)}`);
  return { ...(login && { login }), exchange };
}

async function startLoginAt(
  peer: Peer,
  send: Send,
  serviceOrigin: string,
): Promise<{ login: Call | undefined; exchange: Call }> {
  if (!peer.login) return { login: undefined, exchange: peer.exchange!(serviceOrigin) };

  const before = peer.before ? await send(peer.before) : undefined;
  const login = withCookies(peer.login(before), before?.cookies ?? []);
  const reply = await send(login);
  const address = addressIn(peer, reply);
  if (address === undefined)
    throw new Error(`${peer.name} did not send on to the service: ${reply.status} ${reply.body}`);

  const parameters = new URLSearchParams({ code: CODE, state: address.searchParams.get("state") ?? "" });
  const arrival: Call = {
    method: "GET",
    url: `${address.searchParams.get("redirect_uri")}?${parameters}`,
    headers: {},
  };
  return { login, exchange: withCookies(arrival, [...(before?.cookies ?? []), ...reply.cookies]) };
}

function addressIn({ serviceAddress }: Peer, reply: Reply): URL | undefined {
  const address = serviceAddress ? serviceAddress(reply) : reply.headers.location;
  if (address === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.pathname === "/authorize" ? url : undefined;
}

function withCookies(call: Call, cookies: string[]): Call {
  return cookies.length === 0 ? call : { ...call, headers: { ...call.headers, cookie: cookieHeader(cookies) } };
}

/** Bundles a peer like our functions, and adds the `require` that old packages expect. */
async function bundlePeers(outdir: string): Promise<void> {
  await bundle({
    entryPoints: PEERS.map(({ id }) => join(FOLDER, `${id}.js`)),
    outdir,
    banner: {
      js: 'import { createRequire as requireFor } from "node:module"; const require = requireFor(import.meta.url);',
    },
    logLevel: "error",
  });
}
