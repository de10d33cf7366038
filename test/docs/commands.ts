import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROUTES } from "../../netlify/routes.ts";
import { PROJECT } from "../../scripts/files/project.ts";
import { findRoute } from "../../server/find-route.ts";
import { BLOCKS, type Block, FILES, PAGES } from "./markdown.ts";

/** Every command that the pages print, and how it is checked. */

export interface Command {
  place: string;
  text: string;
}

/** Commands that `commands.test.ts` runs in a copy of the project, in this order, and their expected output. */
export const RUN_HERE: Record<string, { reads?: Record<string, string>; prints: RegExp }> = {
  "npm run doctor": { prints: /Nothing is wrong|0 errors/ },
  "npm run add-service -- github --client-id Ov23li0123456789abcd --client-secret-stdin --yes < secret.txt": {
    reads: { "secret.txt": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\n" },
    prints: /\.secret\.json/,
  },
  [[
    "npm run add-service -- Forge",
    "--authorization-endpoint https://forge.example/oauth/authorize",
    "--token-endpoint https://forge.example/oauth/token",
    '--scopes "profile" --client-id 0123456789 --client-secret-stdin --yes < secret.txt',
  ].join(" ")]: {
    reads: { "secret.txt": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\n" },
    prints: /forge/i,
  },
  "npm run add-key": { prints: /ID tokens are signed with/ },
  "npm run add-key -- --standby": { prints: /which waits/ },
  "npm run add-key -- --activate": { prints: /Also published/ },
  "node -p \"crypto.randomBytes(32).toString('base64url')\"": { prints: /^[\w-]{43}$/m },
};

/** Commands that another test runs, with the path of that test. */
export const RUN_ELSEWHERE: Record<string, string> = {
  "npm run build": "test/scripts/build/build.site.test.ts",
  "npm run dev": "test/docs/dev.site.test.ts",
  "npm run verify -- --url https://auth.example.com": "test/scripts/verify/verify.test.ts",
  "node scripts/release/sign-modules.ts ~/publisher.pem": "test/scripts/release/sign-modules.test.ts",
  "node scripts/docs/services-reference.ts": "test/catalogue/reference.test.ts",
  "node scripts/docs/security-table.ts": "test/attacks/security-table.test.ts",
  "npm test -- test/server": "test/scripts/test/run.test.ts",
  "npm test -- A13": "test/scripts/test/run.test.ts",
  "npm test -- --project browser test/client": "test/scripts/test/run.test.ts",
  'npm version minor --sign-git-tag --message "Release %s"': "test/scripts/update-repo/releases.test.ts",
  "npx degit": "test/scripts/init-repo/init-repo.test.ts",
  "URL=https://auth.example.com npm start": "test/hosts/processes.test.ts",
  "npm start": "test/hosts/processes.test.ts",
  "URL=https://auth.example.com deno run --allow-net --allow-env dist/deno/server.mjs": "test/hosts/processes.test.ts",
  "URL=https://auth.example.com bun dist/bun/server.mjs": "test/hosts/processes.test.ts",
  "URL=https://auth.example.com npm run build -- --host cloudflare": "test/hosts/cloudflare.test.ts",
};

/** Commands that are run by hand or whenever the tests run, with the reason. */
export const BY_HAND: Record<string, string> = {
  "npm install": "without it, no test runs",
  "npm test": "it is what runs this",
  "npm run": "no command by itself",
  "npm install --save-dev netlify-cli": "it changes the project's packages",
  "openssl genpkey -algorithm ed25519 -out ~/publisher.pem":
    "it writes a private key, and not every computer has openssl; the tests make the same key with Node",
  "npx biome check --write": "it changes files of the project",
  "npx wrangler deploy --config dist/cloudflare/wrangler.jsonc":
    "it needs an account; cloudflare.test.ts runs what it would deploy, with the settings that it would read",
  "npx wrangler secret put GITHUB_CLIENT_SECRET --config dist/cloudflare/wrangler.jsonc": "it needs an account",
  "npx wrangler tail": "it needs an account",
  "npx vercel env add GITHUB_CLIENT_SECRET production": "it needs an account",
  "npx vercel deploy dist/vercel --prod": "it needs an account",
  "zip -j provider.zip dist/aws-lambda/index.mjs":
    "not every computer has zip; platforms.test.ts calls what is in the archive",
  "aws lambda update-function-code --function-name auth-provider --zip-file fileb://provider.zip":
    "it needs an account",
  "docker build -t auth-provider .": "it downloads an image; docker.test.ts runs the commands of the Dockerfile",
  "docker run --read-only --cap-drop ALL -p 127.0.0.1:8888:8888 -e URL=https://auth.example.com -e GITHUB_CLIENT_SECRET auth-provider":
    "it needs the image",
  "node scripts/docs/browsers.ts": "it runs test/engines, which every test run does, and takes minutes",
  "node test/catalogue/evidence.ts": "it downloads the newest packages; evidence.test.ts checks what it compares",
  "node test/catalogue/evidence.ts --accept": "it changes files of the project",
  "curl -s https://auth.example.com/auth.js | openssl dgst -sha384 -binary | openssl base64 -A":
    "it asks a provider that nobody runs, and not every computer has openssl; the build prints the same hash",
};

export function commandsOf(block: Block): Command[] {
  const lines = block.text.replaceAll(/ *\\\n\s*/g, " ").split("\n");
  return lines.flatMap((line) => splitLine(line)).map((text) => ({ place: block.place, text }));
}

/** The steps of one line, without a trailing comment. */
function splitLine(line: string): string[] {
  const steps = line.replace(/(^|\s)#.*$/, "").split("&&");
  return steps.map((step) => step.trim()).filter((step) => step !== "");
}

const fromBlocks = BLOCKS.filter(({ language }) => language === "sh").flatMap(commandsOf);

/** In running text, only npm and npx commands count, because other words may not be commands. */
const fromProse = PAGES.flatMap(({ inlineCode }) => inlineCode)
  .filter(({ text }) => /^(npm|npx) /.test(text))
  .flatMap(({ place, text }) => splitLine(text).map((step) => ({ place, text: step })));

export const COMMANDS: Command[] = [...fromBlocks, ...fromProse];

/** Throws unless something checks this command. */
export function requireCovered(command: string): void {
  if (Object.hasOwn(RUN_HERE, command) || Object.hasOwn(BY_HAND, command)) return;
  if (Object.hasOwn(RUN_ELSEWHERE, command)) return requireFile(RUN_ELSEWHERE[command]!);
  const [, script, rest = ""] = /^npm run ([\w:-]+)(?: -- (.*))?$/.exec(command) ?? [];
  if (script !== undefined) return requireScript(script, rest);
  const [, subcommand, flags = ""] = /^npx netlify ([\w:]+)(.*)$/.exec(command) ?? [];
  if (subcommand !== undefined) return requireNetlifyCommand(subcommand, flags);
  if (command.startsWith("npx vitest run ")) return requireTests(command);
  if (command.startsWith("curl ")) return requireRoute(command);
  throw new Error(`Nothing makes sure that this works: ${command}`);
}

const scripts = (JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

export const SCRIPT_NAMES = Object.keys(scripts);

/** The npm script exists, and its help names the flags. (`test/scripts` runs the scripts themselves.) */
function requireScript(name: string, rest: string): void {
  const line = scripts[name];
  if (line === undefined) throw new Error(`package.json has no script "${name}".`);
  requireFlags(rest, helpIn(line), `npm run ${name}`);
}

/** The text that the script's file prints for `--help`. */
function helpIn(scriptLine: string): string {
  const file = /^node (?:scripts\/run\.cjs )?(\S+\.ts)$/.exec(scriptLine)?.[1];
  const source = file === undefined ? "" : readFileSync(join(PROJECT, file), "utf8");
  return /^const HELP = `(.*?[^\\])`;$/ms.exec(source)?.[1] ?? "";
}

/** The command needs an account, so no test runs it. The Netlify CLI must still have the command and its flags. */
function requireNetlifyCommand(command: string, rest: string): void {
  const folder = join(PROJECT, "node_modules/netlify-cli/dist/commands", command.split(":")[0]!);
  if (!existsSync(folder)) throw new Error(`The Netlify CLI has no command "${command}".`);
  const sources = readdirSync(folder).filter((file) => file.endsWith(".js"));
  const source = sources.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  if (!new RegExp(`command\\(['"]${command}['"]`).test(source))
    throw new Error(`The Netlify CLI has no command "${command}".`);
  requireFlags(rest, source, `netlify ${command}`);
}

/** This command runs the tests, so it is not run here. The project and the folder must exist. */
function requireTests(command: string): void {
  const settings = readFileSync(join(PROJECT, "vitest.config.ts"), "utf8");
  const projects = [...settings.matchAll(/name: "(\w+)"/g)].map(([, name]) => name);
  const [, project = "", folder, tag] =
    /^npx vitest run --project (\w+)(?: (test\/[\w/.-]+)| -t (A\d+))$/.exec(command) ?? [];
  if (!projects.includes(project)) throw new Error(`There is no such project of tests: ${command}`);
  if (folder !== undefined && !existsSync(join(PROJECT, folder))) throw new Error(`There is no ${folder}.`);
  if (folder === undefined && tag === undefined) throw new Error(`Which tests? ${command}`);
}

/** No provider runs at this address. Its endpoint must still exist and accept the method. */
function requireRoute(command: string): void {
  const url = new URL(/https:\S+$/.exec(command)?.[0] ?? "");
  const { endpoint } = findRoute(ROUTES, url.pathname) ?? {};
  const method = command.startsWith("curl -d ") ? "POST" : "GET";
  if (!endpoint?.methods[method]) throw new Error(`No endpoint answers ${method} ${url.pathname}.`);
}

/** @param text must name every flag of the command */
function requireFlags(rest: string, text: string, command: string): void {
  for (const [flag] of rest.matchAll(/(?<=^|\s)--[a-z][\w-]*/g)) {
    if (!new RegExp(`${flag}(?![\\w-])`).test(text)) throw new Error(`"${command}" does not know ${flag}.`);
  }
}

function requireFile(file: string): void {
  if (!FILES.includes(file)) throw new Error(`There is no ${file}.`);
}
