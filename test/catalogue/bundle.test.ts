import { build } from "esbuild";
import { expect, test } from "vitest";
import { ENDPOINT_FIELDS } from "../../server/provider/endpoint-fields.ts";
import type { Service } from "../../server/provider/service.ts";
import { configuredServices } from "./journey.ts";

test("functions carry the configured services only: neither the catalogue nor its schema", async () => {
  const { metafile } = await build({
    entryPoints: ["authorize", "callback", "confirm", "token", "revoke", "userinfo"].map(
      (name) => `netlify/functions/${name}.ts`,
    ),
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

const MAX_BYTES_PER_SERVICE = 2_048;

test.each(Object.entries(ENDPOINT_FIELDS))("a configured service adds at most 2 kB to the function %s", (_, fields) => {
  const bytesOf = (service: Service): number =>
    JSON.stringify(Object.fromEntries(fields.map((field) => [field, service[field as keyof Service]]))).length;
  const large = [...configuredServices()].filter(([, service]) => bytesOf(service) > MAX_BYTES_PER_SERVICE);
  expect(large.map(([id]) => id)).toEqual([]);
});
