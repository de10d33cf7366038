import { expect, test } from "vitest";
import { isNetlifyInstalled, netlifyRunner, setSecretVariable } from "../../../scripts/netlify/netlify-cli.ts";

test("where the Netlify CLI is not installed, as in a slim copy, its commands fail in one sentence", async () => {
  const commandLineInterface = "/nowhere/netlify-cli/bin/run.js";
  const run = netlifyRunner({ directory: ".", env: {}, commandLineInterface });
  expect(isNetlifyInstalled(commandLineInterface)).toBe(false);
  expect(await run(["status"])).toEqual({ status: 1, output: "The Netlify CLI is not installed in this folder." });
  expect(await setSecretVariable(run, "GITHUB_CLIENT_SECRET", "a-secret")).toBe("failed");
});

test("the template has it", () => expect(isNetlifyInstalled()).toBe(true));
