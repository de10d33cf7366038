import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import ts from "typescript";
import { PROJECT } from "../files/project.ts";

const FOLDER = "client/modules";

/** The module that others import. It is served beside them, and so are its types. */
const SHARED_MODULE = "./auth.ts";

/** The type declarations of a module for apps, as one file that needs no other but those of `auth.js`. */
export async function declarationsOf(name: string): Promise<string> {
  const module = await emitDeclarations(join(FOLDER, `${name}.ts`));
  const statements = await Promise.all(module.source.statements.map((statement) => publicText(statement, module)));
  return `${headerOf(name)}\n${statements.flat().join("\n\n")}\n`;
}

function headerOf(name: string): string {
  const files = name === "auth" ? "this file in a folder" : `this file and \`auth.d.ts\` in one folder`;
  return `/**
 * Types of \`${name}.js\`, which every auth provider serves. To use them, save ${files} of your project, and
 * say so in its tsconfig.json:
 *
 *     "paths": { "https://auth.example.com/${name}.js": ["./types/${name}.d.ts"] }
 */
`;
}

interface Declarations {
  /** The path of the TypeScript source. */
  path: string;
  source: ts.SourceFile;
}

/** One file at a time and without a type check, which takes milliseconds: all exports have their types written out. */
async function emitDeclarations(path: string): Promise<Declarations> {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(await readFile(join(PROJECT, path), "utf8"), {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  });
  const [problem] = diagnostics;
  if (problem !== undefined) throw new Error(`${path}: ${ts.flattenDiagnosticMessageText(problem.messageText, " ")}`);
  return { path, source: ts.createSourceFile(path, outputText, ts.ScriptTarget.ESNext) };
}

/** What a statement says to an app. What it imports from another of our files is exported by the module as well. */
async function publicText(statement: ts.Statement, { path, source }: Declarations): Promise<string[]> {
  if (ts.isImportDeclaration(statement)) {
    const text = statement.getText(source);
    const isServed = specifierOf(statement) === SHARED_MODULE;
    return isServed ? [text.replace(/^import (?:type )?/, "import type ").replace(/\.ts"/, '.js"')] : [];
  }
  if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined)
    return await exportedTexts(statement, join(dirname(path), specifierOf(statement)));
  return [textOf(statement, source)];
}

/** The declarations that are exported from another file, in place of that export. */
async function exportedTexts({ exportClause }: ts.ExportDeclaration, path: string): Promise<string[]> {
  const { source } = await emitDeclarations(path);
  const names = exportClause !== undefined && ts.isNamedExports(exportClause) ? exportClause.elements : [];
  return names.map(({ name: { text: name } }) => {
    const found = source.statements.find((each) => "name" in each && (each.name as ts.Identifier).text === name);
    if (found === undefined) throw new Error(`${path} does not declare ${name}.`);
    return textOf(found, source);
  });
}

function specifierOf({ moduleSpecifier }: ts.ImportDeclaration | ts.ExportDeclaration): string {
  return (moduleSpecifier as ts.StringLiteral).text;
}

/** With its own comment, which is the last one before it. What the compiler says of private members tells apps nothing. */
function textOf(statement: ts.Statement, source: ts.SourceFile): string {
  const comment = ts.getLeadingCommentRanges(source.text, statement.pos)?.at(-1);
  const text = source.text.slice(comment?.pos ?? statement.getStart(source), statement.end);
  return text.replace(/^ *#private;\n/m, "").replace(/^(?: {4})+/gm, (indent) => " ".repeat(indent.length / 2));
}
