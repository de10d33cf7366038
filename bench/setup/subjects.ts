import { join } from "node:path";
import type { Wrapped } from "./build.ts";
import { buildChildren, buildFloors, buildProvider, functionEnvironment, wrap } from "./build.ts";
import type { Call, Reply } from "./call.ts";
import {
  bareFetchCall,
  floorExchangeCall,
  floorLoginCall,
  isAnswer,
  isRedirect,
  isToken,
  logInAtFloor,
  nothingCall,
} from "./floor-calls.ts";
import type { Journey, Send, Step } from "./journey.ts";
import { isRight, logIn, logInWithIdToken, STEPS, startJourney } from "./journey.ts";
import type { Service } from "./service.ts";
import { startService } from "./service.ts";

/** The name of a login that asks for `openid`. */
export const WITH_ID_TOKEN = "this provider, with an ID token";

/** One function that can be measured. */
export interface Subject {
  name: string;
  /** The built file. */
  file: string;
  /** The same function as Netlify deploys it. */
  wrapped: Wrapped;
  /** Returns a fresh request. */
  prepare(): Promise<Call>;
  isRight(reply: Reply): boolean;
}

/** A function that can be measured during a whole login. */
export interface LoginSubject {
  name: string;
  wrapped: Wrapped;
  /** Goes through a whole login. */
  logIn(send: Send): Promise<void>;
}

/** Everything that is built and started for measuring time and memory. */
export interface TestBed {
  folder: string;
  env: Record<string, string>;
  service: Service;
  /** The path of a built program from `children/`. */
  child(name: "bare" | "host" | "login" | "node" | "wrapped"): string;
  own: Record<Step, Subject>;
  floor: { login: Subject; exchange: Subject; fetch: Subject; nothing: Subject };
  /** Whole logins, with one function each. */
  logins: { own: LoginSubject; withIdToken: LoginSubject; floor: LoginSubject };
  stop(): Promise<void>;
}

export async function startTestBed(folder: string): Promise<TestBed> {
  const service = await startService();
  const env = functionEnvironment(service.origin);
  const child = (name: string): string => join(folder, "children", `${name}.mjs`);
  const floors = join(folder, "floors");
  const functions = join(folder, "site/dist/functions");
  const file = join(functions, "provider.mjs");

  await buildChildren(join(folder, "children"));
  await buildFloors(floors);
  await buildProvider(join(folder, "site"), service.origin);
  const wrappedFloors = await wrap(floors, join(folder, "wrapped-floors"));
  const wrappedOwn = (await wrap(functions, join(folder, "wrapped-own"))).get("provider")!;

  const journey = await startJourney(file, child("host"), env);
  const exchangeCall = await floorExchangeCall(floors, child("host"), env);
  return {
    folder,
    env,
    service,
    child,
    own: ownSubjects(file, wrappedOwn, journey),
    floor: floorSubjects(floors, wrappedFloors, exchangeCall),
    logins: {
      own: { name: "this provider", wrapped: wrappedOwn, logIn },
      withIdToken: { name: WITH_ID_TOKEN, wrapped: wrappedOwn, logIn: logInWithIdToken },
      floor: { name: "crypto floor", wrapped: wrappedFloors.get("provider")!, logIn: logInAtFloor },
    },
    async stop() {
      await journey.stop();
      await service.stop();
    },
  };
}

function ownSubjects(file: string, wrapped: Wrapped, journey: Journey): Record<Step, Subject> {
  const subjects = STEPS.map((step): [Step, Subject] => [
    step,
    { name: step, file, wrapped, prepare: () => journey.callFor(step), isRight: isRight[step] },
  ]);
  return Object.fromEntries(subjects) as Record<Step, Subject>;
}

function floorSubjects(floors: string, wrapped: Map<string, Wrapped>, exchangeCall: Call): TestBed["floor"] {
  const subject = (name: string, file: string, call: Call, isRightReply: Subject["isRight"]): Subject => ({
    name,
    file: join(floors, `${file}.mjs`),
    wrapped: wrapped.get(file)!,
    prepare: () => Promise.resolve(call),
    isRight: isRightReply,
  });
  return {
    login: subject("crypto floor, login", "login", floorLoginCall(), isRedirect),
    exchange: subject("crypto floor, exchange", "exchange", exchangeCall, isToken),
    fetch: subject("bare fetch exchange", "fetch", bareFetchCall(), isToken),
    nothing: subject("nothing", "nothing", nothingCall(), isAnswer),
  };
}
