import { build } from "esbuild";
import { expect, test } from "vitest";

test("the function carries the configured services only: neither the catalogue nor its schema", async () => {
  const { metafile } = await build({
    entryPoints: ["netlify/provider.ts"],
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
    metafile: true,
    outdir: "dist",
    define: { CONFIGURATION: "{}" },
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs).toContain("server/upstream/exchange.ts");
  expect(inputs.filter((path) => /^catalogue\/|zod|scripts\//.test(path))).toEqual([]);
});
