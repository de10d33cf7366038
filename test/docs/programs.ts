import { join } from "node:path";
import ts from "typescript";
import { declarationsOf } from "../../scripts/build/declarations.ts";
import { PROJECT } from "../../scripts/files/project.ts";
import type { Block } from "./markdown.ts";

/** Finds the programs in a block, and checks them against the types of the modules that every provider serves. */

export interface Program {
  place: string;
  language: "js" | "jsx" | "ts" | "json";
  source: string;
}

export function programsIn({ place, language, text }: Block): Program[] {
  if (language === "js" || language === "jsx" || language === "ts") return [{ place, language, source: text }];
  if (language !== "html") return [];
  const scripts = [...text.matchAll(/<script(?: type="(?<type>\w+)")?>(?<source>.*?)<\/script>/gs)];
  return scripts.map(({ groups }) => ({
    place,
    language: groups!.type === "importmap" ? "json" : "js",
    source: groups!.source!,
  }));
}

/** In the docs, `auth` is the object from the first example. */
const GLOBALS = `declare const auth: import("https://auth.example.com/auth.js").Auth;\n`;

const OPTIONS: ts.CompilerOptions = {
  allowJs: true,
  checkJs: true,
  jsx: ts.JsxEmit.Preserve,
  noEmit: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
  types: [],
  skipLibCheck: true,
  baseUrl: PROJECT,
};

/** Errors about packages that are not installed here are ignored. */
const CANNOT_FIND_MODULE = [2307, 2792];

/** The types of the modules, as the provider serves them. */
const SERVED = new Map<string, string>();
for (const name of ["auth", "react-admin", "login-button"])
  SERVED.set(join(PROJECT, "dist/public", `${name}.d.ts`), await declarationsOf(name));

/** @param paths where the compiler finds the types of a module */
export function typeErrorsIn(programs: Program[], paths: Record<string, string[]>): string[] {
  const checked = programs.filter(({ language }) => language === "js" || language === "jsx");
  const nameOf = (index: number): string => join(PROJECT, `docs/program-${index}.${checked[index]!.language}`);
  const files = new Map(checked.map(({ source }, index) => [nameOf(index), asModule(source)]));
  const globals = join(PROJECT, "docs/globals.d.ts");
  const host = ts.createCompilerHost(OPTIONS);
  const { readFile, fileExists } = host;
  const textOf = (name: string): string | undefined =>
    name === globals ? GLOBALS : (files.get(name) ?? SERVED.get(name));
  host.readFile = (name) => textOf(name) ?? readFile(name);
  host.fileExists = (name) => textOf(name) !== undefined || fileExists(name);

  const options = { ...OPTIONS, paths: { ...paths, "./vendor/auth.js": ["dist/public/auth.d.ts"] } };
  const program = ts.createProgram([...files.keys(), globals], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ code }) => !CANNOT_FIND_MODULE.includes(code))
    .map(({ file, messageText }) => {
      const place = checked[[...files.keys()].indexOf(file?.fileName ?? "")]?.place ?? file?.fileName;
      return `${place}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
}

/** Makes a snippet a module, whether or not it imports anything. */
function asModule(source: string): string {
  return `${source.replaceAll("YOUR_PROVIDER_URL", "https://auth.example.com")}\nexport {};\n`;
}
