import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  editJsonFile,
  type JsonValue,
  prepareFile,
  prepareFiles,
  setJsonValue,
} from "../../../scripts/json/edit-json.ts";

describe("setting a value leaves everything else as it is", () => {
  const owners = `{
    "Github":   { "client_id": "old",  "icon": "/x.svg" },

    "Forge": {
        "token_endpoint": "https://forge.example/token",
        "default_scopes": [ "a",
            "b" ],
        "client_id": "forge"
    }
}
`;

  test("a value that is there", () => {
    expect(setJsonValue(owners, ["Github", "client_id"], "new")).toBe(owners.replace('"old"', '"new"'));
    expect(setJsonValue(owners, ["Forge", "client_id"], "new")).toBe(owners.replace('"forge"\n', '"new"\n'));
  });

  test("the value that it has already changes nothing", () => {
    expect(setJsonValue(owners, ["Github", "client_id"], "old")).toBe(owners);
    expect(setJsonValue(owners, ["Forge", "default_scopes"], ["a", "b"])).toBe(owners);
  });

  test("a new key in an object on one line stays on that line", () => {
    const edited = setJsonValue(owners, ["Github", "madata"], true);
    expect(edited).toBe(owners.replace('"/x.svg" }', '"/x.svg",  "madata": true }'));
  });

  test("a new key in an object on many lines gets a line of its own", () => {
    const edited = setJsonValue(owners, ["Forge", "madata"], true);
    expect(edited).toBe(owners.replace('"forge"\n', '"forge",\n        "madata": true\n'));
  });

  test("a new object is written with the file's own indentation, and the blank line between objects", () => {
    const edited = setJsonValue(owners, ["Gitlab", "client_id"], "x");
    expect(edited).toBe(
      owners.replace("    }\n}\n", '    },\n\n    "Gitlab": {\n        "client_id": "x"\n    }\n}\n'),
    );
  });

  test.each([
    ["{}", ["a"], 1, '{\n  "a": 1\n}'],
    ["{}\n", ["a", "b"], 1, '{\n  "a": {\n    "b": 1\n  }\n}\n'],
    ["", ["a"], "x", '{\n  "a": "x"\n}\n'],
    ['{"a":{"b":1}}', ["a", "c"], "x", '{"a":{"b":1,"c":"x"}}'],
    ['{"a":{}}', ["a", "c"], "x", '{"a":{"c":"x"}}'],
    ['{"a":1}', ["b", "c"], ["x", "y"], '{"a":1,"b":{"c":["x","y"]}}'],
    ['{ "a": 1 }', ["b"], 2, '{ "a": 1, "b": 2 }'],
    ['{ "a": {} }', ["b"], { c: 1 }, '{ "a": {}, "b": { "c": 1 } }'],
    ['{\r\n\t"a": 1\r\n}\r\n', ["b"], 2, '{\r\n\t"a": 1,\r\n\t"b": 2\r\n}\r\n'],
    ['{\r\n\t"a": 1\r\n}\r\n', ["b", "c"], 2, '{\r\n\t"a": 1,\r\n\t"b": {\r\n\t\t"c": 2\r\n\t}\r\n}\r\n'],
    ['\uFEFF{\n  "a": 1\n}', ["a"], 2, '\uFEFF{\n  "a": 2\n}'],
    ['{\n  "a" : 1\n}', ["b"], 2, '{\n  "a" : 1,\n  "b" : 2\n}'],
    ['{ "a": 1, "a": 2 }', ["a"], 3, '{ "a": 1, "a": 3 }'],
    ['{ "a\\"}": "}{,]\\\\" , "b": [1, {"a": 2}] }', ["b"], 3, '{ "a\\"}": "}{,]\\\\" , "b": 3 }'],
    ['{\n  "a": {}\n}', ["a", "b"], 1, '{\n  "a": {\n    "b": 1\n  }\n}'],
    ['{ "a": true }', ["a"], 'x\n"', '{ "a": "x\\n\\"" }'],
  ])("%j with %j = %j", (text, path, value, expected) => {
    expect(setJsonValue(text, path, value as JsonValue)).toBe(expected);
  });

  test.each(["[]", '"x"', "null", "{", '{ "a": 1, }', "// comment\n{}"])(
    "refuses what is no JSON object: %j",
    (text) => {
      expect(() => setJsonValue(text, ["a"], 1)).toThrow();
    },
  );

  test("refuses to look for a key in what is no object", () => {
    expect(() => setJsonValue('{ "a": "x" }', ["a", "b"], 1)).toThrow("object");
    expect(() => setJsonValue('{ "a": ["x"] }', ["a", "0"], 1)).toThrow("object");
  });

  test.each(["__proto__", "constructor", "prototype"])("[A41] refuses the name %s, at any depth", (name) => {
    expect(() => setJsonValue("{}", [name], 1)).toThrow("reserves");
    expect(() => setJsonValue("{}", ["a", name], 1)).toThrow("reserves");
    expect({}).not.toHaveProperty("client_id");
  });

  test("whatever the document and its formatting: the value arrives, and nothing else changes", () => {
    const key = fc.string({ minLength: 1 }).filter((name) => !["__proto__", "constructor", "prototype"].includes(name));
    const json = fc.dictionary(
      key,
      fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.dictionary(key, fc.jsonValue({ maxDepth: 1 }))),
    );
    const indentation = fc.constantFrom(undefined, 2, 4, "\t");
    fc.assert(
      fc.property(
        json,
        indentation,
        key,
        key,
        fc.jsonValue({ maxDepth: 1 }),
        (original, space, outer, inner, value) => {
          const text = JSON.stringify(original, undefined, space);
          const document = JSON.parse(text) as Record<string, unknown>;
          const old = Object.hasOwn(document, outer) ? document[outer] : undefined;
          const isObject = typeof old === "object" && old !== null && !Array.isArray(old);
          const path = isObject || old === undefined ? [outer, inner] : [outer];

          const wanted = path.length === 1 ? value : { ...(old as object | undefined), [inner]: value };
          const edited = setJsonValue(text, path, value as JsonValue);
          expect(JSON.parse(edited)).toEqual(JSON.parse(JSON.stringify({ ...document, [outer]: wanted })));
          expect(setJsonValue(edited, path, value as JsonValue)).toBe(edited);
          const order = Object.keys(document);
          expect(Object.keys(JSON.parse(edited) as object).filter((name) => order.includes(name))).toEqual(order);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("files", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "edit-json-"));
  });
  /** A test may make the folder read-only. It must be writable again before it can be removed. */
  afterEach(() => chmod(directory, 0o700));
  const path = (name: string) => join(directory, name);
  const modeOf = async (name: string) => (await stat(path(name))).mode & 0o777;

  test("a file is edited in place and keeps its permissions", async () => {
    await writeFile(path("a.json"), '{ "a": 1 }\n', { mode: 0o640 });
    await chmod(path("a.json"), 0o640);
    await editJsonFile(path("a.json"), ["a"], 2);
    expect(await readFile(path("a.json"), "utf8")).toBe('{ "a": 2 }\n');
    expect(await modeOf("a.json")).toBe(0o640);
    expect(await readdir(directory)).toEqual(["a.json"]);
  });

  test("until the rename, readers see the old file whole", async () => {
    await writeFile(path("a.json"), "old");
    const prepared = await prepareFile(path("a.json"), "new");
    expect(await readFile(path("a.json"), "utf8")).toBe("old");
    await prepared.commit();
    expect(await readFile(path("a.json"), "utf8")).toBe("new");
  });

  test("a change that is given up leaves nothing behind", async () => {
    await writeFile(path("a.json"), "old");
    await (await prepareFile(path("a.json"), "new")).discard();
    expect(await readFile(path("a.json"), "utf8")).toBe("old");
    expect(await readdir(directory)).toEqual(["a.json"]);
  });

  test("a new file for secrets is for its owner only", async () => {
    await (await prepareFile(path("secret.json"), "{}", { mode: 0o600 })).commit();
    expect(await modeOf("secret.json")).toBe(0o600);
  });

  test("a symbolic link stays one", async () => {
    await writeFile(path("target.json"), "{}");
    await symlink(path("target.json"), path("link.json"));
    await editJsonFile(path("link.json"), ["a"], 1);
    expect(JSON.parse(await readFile(path("target.json"), "utf8"))).toEqual({ a: 1 });
  });

  test("a broken file stays as it is", async () => {
    await writeFile(path("a.json"), '{ "a": ');
    await expect(editJsonFile(path("a.json"), ["a"], 2)).rejects.toThrow();
    expect(await readFile(path("a.json"), "utf8")).toBe('{ "a": ');
    expect(await readdir(directory)).toEqual(["a.json"]);
  });

  test("of several files all change, or none", async () => {
    await writeFile(path("a.json"), "old a");
    const nowhere = path("missing/b.json");
    await expect(
      prepareFiles([
        { file: path("a.json"), content: "new a" },
        { file: nowhere, content: "b" },
      ]),
    ).rejects.toThrow();
    expect(await readFile(path("a.json"), "utf8")).toBe("old a");
    expect(await readdir(directory)).toEqual(["a.json"]);
  });

  test("a file in Latin-1 is refused, and keeps its bytes", async () => {
    const bytes = Buffer.from('{ "a": "Geh\u00e4use" }', "latin1");
    await writeFile(path("a.json"), bytes);
    await expect(editJsonFile(path("a.json"), ["b"], 2)).rejects.toThrow("is not saved as UTF-8: line 1");
    expect(await readFile(path("a.json"))).toEqual(bytes);
  });

  test.each([
    ["UTF-8", Buffer.from("old a")],
    ["Latin-1", Buffer.from("ält a", "latin1")],
  ])("if the second rename fails, the first one is taken back, byte by byte (%s)", async (_, bytes) => {
    await writeFile(path("a.json"), bytes);
    const prepared = await prepareFiles([
      { file: path("a.json"), content: "new a" },
      { file: path("b.json"), content: "b" },
    ]);
    for (const name of await readdir(directory)) if (name.includes("b.json")) await rm(path(name));
    await expect(prepared.commit()).rejects.toThrow();
    expect(await readFile(path("a.json"))).toEqual(bytes);
    expect(await readdir(directory)).toEqual(["a.json"]);
  });
});
