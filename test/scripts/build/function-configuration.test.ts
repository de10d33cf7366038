import { expect, test } from "vitest";
import { configurationFor } from "../../../scripts/build/function-configuration.ts";
import { plainService } from "../../tools/harness.ts";

const configuration = { services: [plainService()], secrets: { github: "s" }, localDevelopment: false };

test("a function is built with only the fields that its endpoint reads", () => {
  const [service] = configurationFor("revoke", configuration).services;
  const fields = { id: "github", clientId: "client-of-github", tokenEndpointAuthMethod: "client_secret_post" };
  expect(JSON.parse(JSON.stringify(service))).toEqual(fields);
});

test.each(["statistics", "constructor", "__proto__"])(
  "a function of the owner's own gets whole services: %s",
  (name) => {
    expect(configurationFor(name, configuration)).toEqual(configuration);
  },
);
