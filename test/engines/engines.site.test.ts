import { afterAll, afterEach, beforeAll, describe, test } from "vitest";
import type { Engine } from "../tools/engines/engine.ts";
import { NotPossible } from "../tools/engines/engine.ts";
import { ENGINES } from "../tools/engines/engines.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { World } from "./world.ts";
import { startWorld } from "./world.ts";

/** The same logins in every engine, in real windows where the engine has any. The results are in docs/browsers.md. */

const NOT_POSSIBLE = "not possible with its driver";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world?.stop();
});

describe.each(ENGINES)("$name", ({ name, packages, isInstalled, open }) => {
  let engine: Engine;
  const isMissing = !isInstalled();
  if (isMissing)
    console.log(`${name} is not installed, so its tests are skipped: apt-get install ${packages.join(" ")}`);

  beforeAll(async () => {
    if (!isMissing) engine = await open();
  });
  afterEach(async () => {
    if (engine === undefined) return;
    await engine.reset();
    const others = (await engine.windows()).filter(({ id }) => id !== engine.main.id);
    for (const window of others) await window.close().catch(() => {});
  });
  afterAll(async () => {
    await engine?.close();
  });

  // Not `test.for`, which would shorten the titles.
  for (const { title, run } of SCENARIOS) {
    test.skipIf(isMissing)(title, async ({ skip, task }) => {
      Object.assign(task.meta, { version: engine.version });
      try {
        await run(engine, world);
      } catch (error) {
        if (!(error instanceof NotPossible)) throw error;
        Object.assign(task.meta, { isNotPossible: true });
        skip(NOT_POSSIBLE);
      }
    });
  }
});
