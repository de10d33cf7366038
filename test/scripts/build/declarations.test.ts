import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { declarationsOf } from "../../../scripts/build/declarations.ts";
import { PROJECT } from "../../../scripts/files/project.ts";

const FOLDER = join(PROJECT, "test/scripts/build");

const served = new Map<string, string>();
for (const name of ["auth", "react-admin"]) served.set(join(FOLDER, `${name}.d.ts`), await declarationsOf(name));

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  skipDefaultLibCheck: true,
  noEmit: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: [],
};

/** Returns the compiler's messages for a program in a folder that contains only the declarations. */
function problemsOf(program: string): string[] {
  const files = new Map([...served, [join(FOLDER, "program.ts"), program]]);
  const host = ts.createCompilerHost(OPTIONS);
  const { readFile, fileExists } = host;
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.fileExists = (name) => files.has(name) || fileExists(name);
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([...files.keys()], OPTIONS, host));
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

test("the served types stand by themselves, and say what the modules are", () => {
  const same = (name: string) => `{
    const ofModule: Keys<typeof module_${name}> = {} as Keys<typeof served_${name}>;
    const ofServed: Keys<typeof served_${name}> = {} as Keys<typeof module_${name}>;
    void [ofModule, ofServed];
  }`;
  const program = `
    import * as module_auth from "../../../client/modules/auth.ts";
    import * as module_admin from "../../../client/modules/react-admin.ts";
    import type * as served_auth from "./auth.d.ts";
    import type * as served_admin from "./react-admin.d.ts";
    /** Two types that are each assignable to the other. */
    type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
    type Public<Type> = Pick<Type, keyof Type>;
    type Keys<Type> = Record<keyof Type, true>;
    ${same("auth")}
    ${same("admin")}
    /** The classes have private members, which a declaration does not repeat. */
    const types: {
      auth: Same<Public<module_auth.Auth>, Public<served_auth.Auth>>;
      options: Same<module_auth.AuthOptions, served_auth.AuthOptions>;
      constructor: Same<ConstructorParameters<typeof module_auth.Auth>, ConstructorParameters<typeof served_auth.Auth>>;
      relay: Same<typeof module_auth.Auth.relay, typeof served_auth.Auth.relay>;
      user: Same<module_auth.UserInfo, served_auth.UserInfo>;
      error: Same<Public<module_auth.AuthError>, Public<served_auth.AuthError>>;
      code: Same<module_auth.ClientErrorCode, served_auth.ClientErrorCode>;
      adminOptions: Same<Omit<module_admin.ReactAdminOptions, "permissions">, Omit<served_admin.ReactAdminOptions, "permissions">>;
      identity: Same<module_admin.Identity, served_admin.Identity>;
      rejection: Same<module_admin.AuthRejection, served_admin.AuthRejection>;
    } = { auth: true, options: true, constructor: true, relay: true, user: true, error: true, code: true, adminOptions: true, identity: true, rejection: true };
    void types;
    // @ts-expect-error The check itself works.
    const different: Same<module_auth.AuthOptions, served_admin.Identity> = true;
    void different;
  `;
  expect(problemsOf(program)).toEqual([]);
});

test("every type, class and function of `auth.js` comes with its comment", () => {
  const statements = served.get(join(FOLDER, "auth.d.ts"))!.split("\n\n");
  expect(statements.filter((statement) => statement.startsWith("export "))).toEqual([]);
});
