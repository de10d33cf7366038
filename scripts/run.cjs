/**
 * Starts a command: `node scripts/run.cjs scripts/doctor.ts`. Older versions of Node, which cannot run TypeScript, must be able
 * to read this file, so that they can say what to do. That is why it is CommonJS.
 */

const { resolve } = require("node:path");
const { pathToFileURL } = require("node:url");

const INSTALL_NODE =
  "npm install brings Node 24, unless npm is set to run no install scripts (ignore-scripts). In that case, run:\n\n" +
  "  npm rebuild node --ignore-scripts=false\n\nOr install Node 24 yourself: https://nodejs.org";

// Commands find their options in the usual place.
process.argv.splice(1, 1);
process.argv[1] = resolve(process.argv[1]);

if (process.features.typescript) import(pathToFileURL(process.argv[1]).href).catch(explain);
else
  fail(`This command needs a version of Node that runs TypeScript, and this is ${process.version}.\n${INSTALL_NODE}`);

/** Packages are missing before the first `npm install`. */
function explain(error) {
  const [, name] = /^Cannot find package '([^']+)'/.exec(error.message) ?? [];
  if (error.code !== "ERR_MODULE_NOT_FOUND" || name === undefined) throw error;
  fail(`The package ${name} is not installed.\nNext: npm install`);
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
