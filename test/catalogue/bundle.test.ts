import { build } from "esbuild";
import { expect, test } from "vitest";
import { configuredServices } from "./journey.ts";

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

/** A login starts the function, so every service that the owner has configured costs a little time. */
const MAX_BYTES_PER_SERVICE = 4_096;

test("a configured service adds at most 4 kB to the function", () => {
  const sizes = [...configuredServices()].map(([id, service]) => [id, JSON.stringify(service).length] as const);
  expect(sizes.filter(([, size]) => size > MAX_BYTES_PER_SERVICE)).toEqual([]);
});
