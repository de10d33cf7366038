/** `npm test`: checks an owner's provider. In the template itself, it runs the template's tests (test/run.ts). */

import { existsSync } from "node:fs";
import { PROJECT } from "./files/project.ts";
import { isCopy } from "./git/is-copy.ts";
import { checkProvider } from "./test/check-provider.ts";

const HELP = `npm test [-- PART … FLAG …]

In a copy of the template, checks whether your provider is all right: types, build, configuration, the colours of your
theme, and a whole login on this computer. In the template itself, and with a PART, runs the template's tests:

  npm run test:all -- --help   show what a PART may be
  npm run test:all             run all tests of the template, wherever this is

  --help                       show this text`;

/** Its path is no literal, because a slim copy does not have the file. */
const TEMPLATE_TESTS = new URL("../test/run.ts", import.meta.url);

const args = process.argv.slice(2);
if (args.includes("--help")) console.log(HELP);
else if (args.length === 0 && (await isCopy(PROJECT, process.env))) process.exitCode = await checkProvider();
else if (existsSync(TEMPLATE_TESTS)) await import(TEMPLATE_TESTS.href);
else {
  console.error("This slim copy has no tests of the template. To get them back: npm run init-repo -- --full");
  process.exitCode = 1;
}
