import { build } from "esbuild";
import { expect, test } from "vitest";
import { FUNCTION_BUNDLE } from "../../../scripts/build/build-functions.ts";
import { parseSigningKeys, signText } from "../../../server/provider/signing-key.ts";
import { privatePem } from "../../attacks/identity-tools.ts";
import { leastCpuMs } from "../../attacks/tools.ts";

const LOADED_ON_DEMAND = ["server/identity/id-token.ts", "server/identity/signing-keys.ts"];
const KEYS = "server/provider/signing-key.ts";

test("keys and signing are loaded only by a request that needs them: no other login waits for that code", async () => {
  const { metafile } = await build({
    entryPoints: ["netlify/provider.ts"],
    ...FUNCTION_BUNDLE,
    define: { CONFIGURATION: "{}" },
    metafile: true,
    write: false,
  });
  const imports = Object.entries(metafile.inputs).flatMap(([from, { imports }]) =>
    imports.map(({ path, kind }) => ({ from, path, kind })),
  );
  const early = (path: string) => imports.filter((each) => each.path === path && each.kind !== "dynamic-import");
  for (const path of LOADED_ON_DEMAND) {
    expect(imports.some((each) => each.path === path && each.kind === "dynamic-import")).toBe(true);
    expect(early(path).filter(({ from }) => !LOADED_ON_DEMAND.includes(from))).toEqual([]);
  }
  expect(early(KEYS).filter(({ from }) => !LOADED_ON_DEMAND.includes(from))).toEqual([]);
});

test("a signature with RSA and 2048 bits takes less than 2 ms of CPU", async () => {
  const { algorithm, privateKey } = parseSigningKeys(privatePem("RS256")).keys[0]!;
  const signatures = 50;
  const sign = () => {
    for (let count = 0; count < signatures; count += 1)
      signText("x".repeat(600), { algorithm, privateKey: privateKey! });
  };
  expect((await leastCpuMs(sign)) / signatures).toBeLessThan(2);
});
