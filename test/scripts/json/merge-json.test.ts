import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeJson, NotMergeableError } from "../../../scripts/json/merge-json.ts";

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const merge = (base: unknown, ours: unknown, theirs: unknown) =>
  mergeJson({ base: base === undefined ? undefined : pretty(base), ours: pretty(ours), theirs: pretty(theirs) });

describe("three-way merge by key", () => {
  test("the owner's values stay, new ones arrive", () => {
    const base = { Github: { client_id: "YOUR_ID" }, Google: { client_id: "YOUR_ID" } };
    const ours = { Github: { client_id: "mine" }, Google: { client_id: "YOUR_ID" }, Own: { client_id: "own" } };
    const theirs = { Github: { client_id: "YOUR_ID", icon: "g.svg" }, Google: { client_id: "YOUR_ID" }, Box: {} };

    const { text, kept } = merge(base, ours, theirs);

    const github = { client_id: "mine", icon: "g.svg" };
    expect(text).toBe(pretty({ Github: github, Google: { client_id: "YOUR_ID" }, Box: {}, Own: { client_id: "own" } }));
    expect(kept).toEqual([]);
  });

  test("what only the template changed or removed follows the template", () => {
    const ours = { d: 0, b: { c: [1] }, a: 1, e: 9 };
    const { text, kept } = merge({ a: 1, b: { c: [1] }, d: 0 }, ours, { a: 2, b: { c: [2, 3] } });

    expect(text).toBe(pretty({ b: { c: [2, 3] }, a: 2, e: 9 }));
    expect(kept).toEqual([]);
  });

  test("what only the owner changed, removed or added stays", () => {
    const { text, kept } = merge({ a: 1, b: 2, c: 3 }, { b: 5, c: 3, d: 4 }, { a: 1, b: 2, c: 3 });

    expect(text).toBe(pretty({ b: 5, c: 3, d: 4 }));
    expect(kept).toEqual([]);
  });

  test("where both changed a value, the owner's stays and is reported by its key alone, never by its value", () => {
    const { text, kept } = merge(
      { dependencies: { jose: "1" }, gone: 1, removed: 1 },
      { dependencies: { jose: "2" }, gone: 2 },
      { dependencies: { jose: "3" }, removed: 2 },
    );

    expect(JSON.parse(text)).toEqual({ dependencies: { jose: "2" }, gone: 2 });
    expect(kept).toEqual([
      { key: "dependencies.jose", reason: "both changed it" },
      { key: "gone", reason: "you changed it, the template removed it" },
      { key: "removed", reason: "you removed it, the template changed it" },
    ]);
  });

  test("a file that came to both sides on their own", () => {
    const { text } = merge(undefined, { a: 1, b: { x: 1 } }, { a: 2, b: { y: 2 } });
    expect(JSON.parse(text)).toEqual({ a: 1, b: { x: 1, y: 2 } });
  });
});

describe("the owner's formatting", () => {
  test.each([
    [
      "tabs and CRLF",
      '{\r\n\t"b": 1,\r\n\t"o": {}\r\n}\r\n',
      '{\r\n\t"b": 1,\r\n\t"n": {\r\n\t\t"x": 1\r\n\t},\r\n\t"o": {\r\n\t\t"y": [2]\r\n\t}\r\n}\r\n',
    ],
    ["one line", '{"b": 1, "o": {"z": 0}}', '{"b": 1, "n": {"x":1}, "o": {"y": [2], "z": 0}}'],
    [
      "a byte order mark, no line break at the end",
      '\uFEFF{\n    "o" : 7 ,\n\n    "b" : 1\n}',
      '\uFEFF{\n    "o" : 7 ,\n\n    "b" : 1 ,\n\n    "n" : {\n        "x": 1\n    }\n}',
    ],
  ])("%s", (_name, ours, expected) => {
    const theirs = '{\n  "b": 1,\n  "n": {\n    "x": 1\n  },\n  "o": {\n    "y": [2]\n  }\n}\n';
    expect(mergeJson({ base: '{"b": 1, "o": {}}', ours, theirs }).text).toBe(expected);
  });

  test("an array on one line stays on one line", () => {
    const { text } = mergeJson({ base: "{}", ours: "{}\n", theirs: '{\n  "scopes": ["a", "b"]\n}\n' });
    expect(text).toBe('{\n  "scopes": ["a", "b"]\n}\n');
  });
});

describe("what is left to git", () => {
  test.each([
    ["broken JSON", "{", "{}"],
    ["conflict markers", "<<<<<<< HEAD\n{}", "{}"],
    ["an array", "[1]", "[2]"],
    ["a key that stands there twice", '{"a": 1, "a": 2}', "{}"],
    ["the same deep inside", '{"x": [{"a": 1, "a": 2}]}', "{}"],
    ["an empty file", "", "{}"],
  ])("%s", (_name, ours, theirs) => {
    expect(() => mergeJson({ base: "{}", ours, theirs })).toThrow(NotMergeableError);
    expect(() => mergeJson({ base: "{}", ours: theirs, theirs: ours })).toThrow(NotMergeableError);
  });

  test("bytes that are not UTF-8 are left to git, which keeps them", () => {
    const [ours, theirs] = [Buffer.from('{ "name": "Geh\u00e4use" }', "latin1").toString("utf8"), '{ "b": 1 }'];
    expect(() => mergeJson({ base: "{}", ours, theirs })).toThrow(NotMergeableError);
  });
});

describe("for any three objects", () => {
  const key = fc.constantFrom("", "a", "b", "c", "__proto__", "constructor", 'q"uote', "back\\slash", "ü");
  const array = fc.array(fc.nat(2), { maxLength: 2 });
  const leaf = fc.oneof(fc.nat(3), fc.string({ maxLength: 3 }), fc.constant(null), array);
  const { object } = fc.letrec<{ object: Map<string, unknown>; value: unknown }>((tie) => ({
    value: fc.oneof({ depthSize: "small", withCrossShrink: true }, leaf, tie("object")),
    object: fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map((entries) => new Map(entries)),
  }));
  const space = fc.constantFrom<string | number>(0, 2, 4, "\t");

  /** An object with a key "__proto__" of its own, which a literal cannot have. */
  function toValue(value: unknown): unknown {
    if (!(value instanceof Map)) return value;
    return Object.fromEntries([...value].map(([name, item]) => [name, toValue(item)]));
  }

  type Values = Record<string, unknown>;
  const isObject = (value: unknown): value is Values =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const own = (value: Values, name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined);

  /** The rule in its plainest form, on values instead of texts. */
  function expected(base: unknown, ours: unknown, theirs: unknown): unknown {
    if (isDeepStrictEqual(ours, theirs) || isDeepStrictEqual(base, theirs)) return ours;
    if (isObject(ours) && isObject(theirs)) {
      const before = isObject(base) ? base : {};
      const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
      const entries = [...names].map((name): [string, unknown] => {
        return [name, expected(own(before, name), own(ours, name), own(theirs, name))];
      });
      return toValue(new Map(entries.filter(([, value]) => value !== undefined)));
    }
    return isDeepStrictEqual(base, ours) ? theirs : ours;
  }

  test("the merged text means what the rule says", () => {
    fc.assert(
      fc.property(object, object, object, space, (base, ours, theirs, indentation) => {
        const [b, o, t] = [base, ours, theirs].map(toValue);
        const texts = { base: JSON.stringify(b), ours: JSON.stringify(o, null, indentation), theirs: pretty(t) };
        expect(isDeepStrictEqual(JSON.parse(mergeJson(texts).text), expected(b, o, t))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a template without news changes no byte, and the owner's untouched file takes all of them", () => {
    fc.assert(
      fc.property(object, object, space, (base, ours, indentation) => {
        const [b, o] = [pretty(toValue(base)), JSON.stringify(toValue(ours), null, indentation)];
        expect(mergeJson({ base: b, ours: o, theirs: b }).text).toBe(o);
        const taken = JSON.parse(mergeJson({ base: b, ours: b, theirs: o }).text);
        expect(isDeepStrictEqual(taken, toValue(ours))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
