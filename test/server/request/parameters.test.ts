import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OAuthError } from "../../../server/answers/errors.ts";
import { MAX_BODY_BYTES, pickParameters, readBody, readForm, readJson } from "../../../server/request/parameters.ts";
import { MAX_SEALED_CHARACTERS } from "../../../server/sealing/seal.ts";
import { leastCpuMs, RUNS } from "../../attacks/tools.ts";
import { PROVIDER } from "../../tools/harness.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

function post(
  body: BodyInit | null,
  contentType: string | undefined = FORM,
  headers: Record<string, string> = {},
): Request {
  const type = contentType === undefined ? {} : { "content-type": contentType };
  const init = { method: "POST", body, headers: { ...type, ...headers }, duplex: "half" };
  const request = new Request(`${PROVIDER}/token/github`, init as RequestInit);
  if (contentType === "") request.headers.delete("content-type");
  return request;
}

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof OAuthError) return error.definition.name;
    throw error;
  }
  return "none";
}

describe("picking parameters", () => {
  test("[A42] takes what is named once, and nothing else", () => {
    expect(pickParameters(new URLSearchParams("code=A&state=B&other=C&other=D"), ["code", "state"])).toEqual({
      code: "A",
      state: "B",
    });
  });

  test.each([
    "code=A&code=B",
    "code=A&code=A",
    "code=&code=",
    "code=A&code=",
    "code&code",
    "c%6fde=A&code=B",
    "code=A&x=1&code=B",
  ])("[A42] %s is refused, not resolved (RFC 6749 §3.1)", (query) => {
    expect(reasonOf(() => pickParameters(new URLSearchParams(query), ["code"]))).toBe("duplicate_parameter");
  });

  test.each(["", "code", "code=", "code[]=A", "code[0]=A", "Code=A", "code%00=A", "code =A", " code=A"])(
    "[A42] %j names no code (RFC 6749 §3.1: an empty parameter counts as absent)",
    (query) => {
      expect(pickParameters(new URLSearchParams(query), ["code"])).toEqual({});
    },
  );

  test.each(["%00", "a%0Db", "a%0Ab", "%1F", "%7F", "%09"])("[A42] a control character is refused: %s", (value) => {
    expect(reasonOf(() => pickParameters(new URLSearchParams(`state=${value}`), ["state"]))).toBe(
      "oversized_parameter",
    );
  });

  test("[A46] a parameter may have 2,048 characters, a sealed one 12,288, and none one more", () => {
    const of = (length: number) => new URLSearchParams({ state: "x".repeat(length) });
    expect(reasonOf(() => pickParameters(of(2_048), ["state"]))).toBe("none");
    expect(reasonOf(() => pickParameters(of(2_049), ["state"]))).toBe("oversized_parameter");
    expect(reasonOf(() => pickParameters(of(MAX_SEALED_CHARACTERS), ["state"], MAX_SEALED_CHARACTERS))).toBe("none");
    expect(reasonOf(() => pickParameters(of(MAX_SEALED_CHARACTERS + 1), ["state"], MAX_SEALED_CHARACTERS))).toBe(
      "oversized_parameter",
    );
  });

  test("[A41][A42] from any query there come named, non-empty, single strings, or a refusal", () => {
    const name = fc.constantFrom("code", "state", "__proto__", "constructor", "code[]", "toString", "");
    const entries = fc.array(fc.tuple(name, fc.oneof(fc.string(), fc.constantFrom("", "\0", "x".repeat(2_049)))), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(entries, (pairs) => {
        const search = new URLSearchParams(pairs);
        let picked: Record<string, unknown>;
        try {
          picked = pickParameters(search, ["code", "state"]);
        } catch (error) {
          expect(error).toBeInstanceOf(OAuthError);
          return;
        }
        for (const [key, value] of Object.entries(picked)) {
          expect(["code", "state"]).toContain(key);
          expect(search.getAll(key)).toEqual([value]);
          expect(value).not.toBe("");
        }
      }),
      RUNS,
    );
  });
});

describe("reading a body", () => {
  test("[A46] 16 KiB are read, one byte more is refused, whatever Content-Length says", async () => {
    expect(await readBody(post("x".repeat(MAX_BODY_BYTES)))).toHaveLength(MAX_BODY_BYTES);
    await expect(readBody(post("x".repeat(MAX_BODY_BYTES + 1)))).rejects.toMatchObject({ message: "too_large" });
    await expect(readBody(post("small", FORM, { "content-length": "16385" }))).rejects.toMatchObject({
      message: "too_large",
    });
    await expect(readBody(post("x".repeat(MAX_BODY_BYTES + 1), FORM, { "content-length": "5" }))).rejects.toMatchObject(
      {
        message: "too_large",
      },
    );
    await expect(readBody(post("x".repeat(MAX_BODY_BYTES + 1), FORM, { "content-length": "x" }))).rejects.toMatchObject(
      {
        message: "too_large",
      },
    );
  });

  test("[A46] a body without end is left after 16 KiB", async () => {
    let chunks = 0;
    const endless = new ReadableStream({
      pull(controller) {
        chunks += 1;
        controller.enqueue(new Uint8Array(1_024));
      },
    });
    await expect(readBody(post(endless))).rejects.toMatchObject({ message: "too_large" });
    expect(chunks).toBeLessThan(25);
  });

  test("[A46] bytes count, not characters", async () => {
    await expect(readBody(post("é".repeat(MAX_BODY_BYTES / 2 + 1)))).rejects.toMatchObject({ message: "too_large" });
  });

  test("[A42] bytes that are no UTF-8 are refused, not replaced", async () => {
    await expect(readBody(post(new Uint8Array([0x63, 0xff])))).rejects.toMatchObject({ message: "unreadable_body" });
    await expect(readBody(post(new Uint8Array([0xc0, 0xaf])))).rejects.toMatchObject({ message: "unreadable_body" });
  });

  test("[A42] no body is an empty one", async () => {
    expect(await readBody(post(null))).toBe("");
  });
});

describe("reading a token request", () => {
  test.each([FORM, `${FORM};charset=UTF-8`, `${FORM} ; charset=utf-8`, FORM.toUpperCase()])(
    "a form is read: %s",
    async (type) => {
      expect((await readForm(post("code=A%20B&state=x", type))).get("code")).toBe("A B");
    },
  );

  test("the same as JSON is read, as some CMSes send it", async () => {
    expect([...(await readForm(post('{"code":"A","state":"B"}', JSON_TYPE)))]).toEqual([
      ["code", "A"],
      ["state", "B"],
    ]);
  });

  test.each(["text/plain", "multipart/form-data; boundary=x", "application/jsonp", "text/json", "application/xml", ""])(
    "[A42] no other type is guessed at: %j",
    async (type) => {
      await expect(readForm(post('{"code":"A"}', type))).rejects.toMatchObject({ message: "unreadable_body" });
    },
  );

  test.each([
    '{"code":["A"]}',
    '{"code":{"a":"b"}}',
    '{"code":1}',
    '{"code":true}',
    '{"code":null}',
    '["code"]',
    '"code"',
    "null",
    "1",
    "",
    "{",
    "{'code':'A'}",
    '{"code":"A"}x',
  ])("[A42] JSON that is not an object of strings is refused: %s", async (body) => {
    await expect(readForm(post(body, JSON_TYPE))).rejects.toMatchObject({ message: "unreadable_body" });
  });

  test("[A41] a member called __proto__ changes nothing", async () => {
    const form = await readForm(post('{"__proto__":"x","constructor":"y"}', JSON_TYPE));
    expect(pickParameters(form, ["code"])).toEqual({});
    await expect(readForm(post('{"__proto__":{"code":"A"}}', JSON_TYPE))).rejects.toMatchObject({
      message: "unreadable_body",
    });
  });
});

describe("reading what our own pages send", () => {
  test.each([
    FORM,
    "text/plain",
    "multipart/form-data; boundary=x",
    "",
    "text/plain; application/json",
    "application/json+x",
  ])("[A2] a type that a foreign form could send is refused: %j", async (type) => {
    await expect(readJson(post('{"ticket":"x"}', type))).rejects.toMatchObject({ message: "unreadable_body" });
  });

  test("[A47] deep nesting is read or refused at once, and never breaks", async () => {
    for (const body of [
      "[".repeat(16_000),
      `{"a":${"[".repeat(8_000)}${"]".repeat(8_000)}}`,
      `${'{"a":'.repeat(3_000)}`,
    ]) {
      const read = () =>
        readJson(post(body, JSON_TYPE)).catch((error: unknown) => expect(error).toBeInstanceOf(OAuthError));
      expect(await leastCpuMs(read)).toBeLessThan(50);
    }
  });

  test("[A42] any text is an object or a refusal", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (text) => {
        const result = await readJson(post(text, JSON_TYPE)).catch((error: unknown) => error);
        if (result instanceof OAuthError) return;
        expect(typeof result).toBe("object");
        expect(Array.isArray(result)).toBe(false);
        expect(result).not.toBeInstanceOf(Error);
      }),
      RUNS,
    );
  });
});
