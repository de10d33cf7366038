import ts from "typescript";

export interface SplitScript {
  constants: Map<string, unknown>;
  /** The text that declares them. */
  declarations: string;
  /** The same in all copies of one version. */
  code: string;
}

/** Separates the constants that the build has put in front of a script (`scripts/build/page-scripts.ts`) from its code. */
export function splitScript(script: string): SplitScript {
  const source = ts.createSourceFile("script.js", script, ts.ScriptTarget.ESNext);
  const constants = new Map<string, unknown>();
  let end = 0;
  for (const statement of source.statements) {
    const declared = constantsIn(statement, source);
    if (declared === undefined) break;
    for (const [name, value] of declared) constants.set(name, value);
    end = statement.end;
  }
  return { constants, declarations: script.slice(0, end), code: script.slice(end) };
}

/** `undefined` unless the statement declares constants whose values are JSON, so that nothing of it can run. */
function constantsIn(statement: ts.Statement, source: ts.SourceFile): [name: string, value: unknown][] | undefined {
  if (!ts.isVariableStatement(statement) || (statement.declarationList.flags & ts.NodeFlags.Const) === 0)
    return undefined;
  try {
    return statement.declarationList.declarations.map(({ name, initializer }) => [
      name.getText(source),
      JSON.parse(initializer!.getText(source)),
    ]);
  } catch {
    return undefined;
  }
}
