import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Behaviour, Exchange } from "./faulty-service.ts";
import { TOKEN_RESPONSE } from "./faulty-service.ts";

/** Ways in which a service fails, as data. They do not say how the provider should react. */

const GOOD_JSON = JSON.stringify(TOKEN_RESPONSE);
const TEN_MEGABYTES = 10_000_000;
/** A valid token response, if it is read to the end. */
const HUGE_JSON = JSON.stringify({ ...TOKEN_RESPONSE, padding: "x".repeat(TEN_MEGABYTES) });
const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

/** The pause between two chunks. It is short because the tests end the time limit early. */
const DRIP_MS = 5;

export function answer(body: string | Buffer, headers: Record<string, string> = {}, status = 200): Behaviour {
  return ({ response }) => {
    response.writeHead(status, { "content-type": "application/json", connection: "close", ...headers }).end(body);
  };
}

export function answerJson(members: unknown): Behaviour {
  return answer(JSON.stringify(members));
}

/** Sends exactly these bytes and leaves the connection open. */
function say(bytes: string | Buffer): Behaviour {
  return ({ socket }) => void socket.write(bytes);
}

/** Sends exactly these bytes and resets the connection. */
function sayAndReset(bytes: string): Behaviour {
  return ({ socket }) => void socket.write(bytes, () => socket.resetAndDestroy());
}

/** Sends exactly these bytes and closes the connection normally. */
function sayAndEnd(bytes: string | Buffer): Behaviour {
  return ({ socket }) => void socket.end(bytes);
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** Sends one chunk after another until the client disconnects. */
function drip(before: string, nextPiece: (count: number) => string): Behaviour {
  return ({ socket }: Exchange) => {
    socket.write(before);
    let count = 0;
    const timer = setInterval(() => socket.write(nextPiece(count++)), DRIP_MS);
    socket.on("close", () => clearInterval(timer));
  };
}

/** Like `drip`, but without pauses. */
function pour(before: string, piece: string): Behaviour {
  return ({ socket }: Exchange) => {
    const write = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", write);
    socket.write(before);
    write();
  };
}

/** Sends a valid response byte by byte, and then spaces without end. */
const byteOf = (text: string) => (count: number) => text[count] ?? " ";

const WITH_LENGTH = `${HEAD}Content-Length: ${GOOD_JSON.length}\r\n\r\n`;
const IN_CHUNKS = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;

export const SLOW: [string, Behaviour][] = [
  ["never answers", () => undefined],
  ["stops after its status line", say("HTTP/1.1 200 OK\r\n")],
  ["stops after its headers", say(WITH_LENGTH)],
  ["stops in the middle of its answer", say(`${WITH_LENGTH}${GOOD_JSON.slice(0, 30)}`)],
  ["says everything, but not that this was all", say(`${IN_CHUNKS}${chunk(GOOD_JSON)}`)],
  ["sends its headers byte by byte", drip("HTTP/1.1 200 OK\r\nX-Padding: ", () => "x")],
  ["sends its answer byte by byte", drip(`${HEAD}Content-Length: 60000\r\n\r\n`, byteOf(GOOD_JSON))],
  ["sends its answer chunk by chunk", drip(IN_CHUNKS, (count) => chunk(byteOf(GOOD_JSON)(count)))],
  ["promises an answer again and again", drip("", () => "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")],
];

export const BROKEN: [string, Behaviour][] = [
  ["resets before it answers", ({ socket }) => void socket.resetAndDestroy()],
  ["hangs up before it answers", sayAndEnd("")],
  ["resets after its status line", sayAndReset("HTTP/1.1 200 OK\r\n")],
  ["resets in the middle of a header", sayAndReset("HTTP/1.1 200 OK\r\nContent-Ty")],
  ["resets after its headers", sayAndReset(WITH_LENGTH)],
  ["resets one byte before the end", sayAndReset(`${WITH_LENGTH}${GOOD_JSON.slice(0, -1)}`)],
  ["hangs up one byte before the end", sayAndEnd(`${WITH_LENGTH}${GOOD_JSON.slice(0, -1)}`)],
  ["says everything, and hangs up before saying that this was all", sayAndEnd(`${IN_CHUNKS}${chunk(GOOD_JSON)}`)],
  ["counts its chunks in words", sayAndEnd(`${IN_CHUNKS}ninety\r\n${GOOD_JSON}\r\n0\r\n\r\n`)],
  [
    "names two lengths",
    sayAndEnd(`${HEAD}Content-Length: 7\r\nContent-Length: ${GOOD_JSON.length}\r\n\r\n${GOOD_JSON}`),
  ],
  ["does not speak HTTP", sayAndEnd("SSH-2.0-OpenSSH_9.9\r\n")],
  [
    "wants another protocol",
    sayAndEnd("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
  ],
  ["sends a header of 100 KB", answer(GOOD_JSON, { "x-padding": "x".repeat(100_000) })],
  ["compresses in a way of its own", answer(GOOD_JSON, { "content-encoding": "gzip" })],
];

/** Each is a valid token response if it is read to the end. */
export const TOO_LARGE: [string, Behaviour][] = [
  ["10 MB that it announces", answer(HUGE_JSON, { "content-length": String(HUGE_JSON.length) })],
  ["10 MB that it does not announce", answer(HUGE_JSON, { "transfer-encoding": "chunked" })],
  ["10 MB up to the end of the connection", sayAndEnd(`${HEAD}\r\n${HUGE_JSON}`)],
  ["10 MB in a few KB of gzip", answer(gzipSync(HUGE_JSON), { "content-encoding": "gzip" })],
  ["10 MB in a few bytes of Brotli", answer(brotliCompressSync(HUGE_JSON), { "content-encoding": "br" })],
  ["10 MB in gzip in gzip", answer(gzipSync(gzipSync(HUGE_JSON)), { "content-encoding": "gzip, gzip" })],
  ["an answer without end", pour(IN_CHUNKS, chunk(" ".repeat(8_192)))],
];

/** No redirect is followed, so these lead nowhere. */
export const REDIRECTS: [string, Behaviour][] = [
  ["300", answer(`<a href="/token">`, { "content-type": "text/html" }, 300)],
  ["304", answer("", {}, 304)],
];

/** None of these can be read as a token response. */
export const UNREADABLE: [string, Behaviour][] = [
  ["nothing", answer("")],
  ["status 204", answer("", {}, 204)],
  ["status 205", answer("", {}, 205)],
  ["white space", answer(" \r\n\t ")],
  ["UTF-16", answer(Buffer.from(GOOD_JSON, "utf16le"), { "content-type": "application/json; charset=utf-16" })],
  ["UTF-16 that says so", answer(Buffer.from(`\uFEFF${GOOD_JSON}`, "utf16le"))],
  ["a token that is no UTF-8", answer(Buffer.from('{"access_token":"t\xFF\xFE","token_type":"bearer"}', "latin1"))],
  ["a zero byte before everything", answer(`\0${GOOD_JSON}`)],
  ["a zero byte within the token", answerJson({ ...TOKEN_RESPONSE, access_token: `${TOKEN_RESPONSE.access_token}\0` })],
  ["half of its gzip", answer(gzipSync(GOOD_JSON).subarray(0, 40), { "content-encoding": "gzip" })],
  ["gzip that it does not mention", answer(gzipSync(GOOD_JSON))],
  [
    "a form",
    answer(new URLSearchParams(TOKEN_RESPONSE).toString(), { "content-type": "application/x-www-form-urlencoded" }),
  ],
  ["JSON and something else", answer(`${GOOD_JSON}<!-- served by proxy -->`)],
  ["JSON that may not be hijacked", answer(`)]}',\n${GOOD_JSON}`)],
  ["JSON with comments", answer(`/* token */ ${GOOD_JSON}`)],
  ["JavaScript", answer(`{access_token: "${TOKEN_RESPONSE.access_token}"}`)],
  ["a number that JSON does not have", answer(GOOD_JSON.replace("}", ',"expires_in":NaN}'))],
  ["sixty thousand brackets", answer("[".repeat(60_000))],
  ["sixty thousand brackets in an object", answer(`{"access_token":${"[".repeat(60_000)}`)],
  ["less than its own length says", answer(GOOD_JSON, { "content-length": "20" })],
  ...[7, true, [TOKEN_RESPONSE.access_token], { token: TOKEN_RESPONSE.access_token }].map(
    (token): [string, Behaviour] => [
      `a token that is ${JSON.stringify(token)}`,
      answerJson({ ...TOKEN_RESPONSE, access_token: token }),
    ],
  ),
];

const INFORMATION = "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";

/** Unusual, but valid token responses. */
export const ODD: [string, Behaviour][] = [
  ["calls its JSON HTML", answer(GOOD_JSON, { "content-type": "text/html" })],
  ["calls its UTF-8 UTF-16", answer(GOOD_JSON, { "content-type": "application/json; charset=utf-16" })],
  ["calls it nothing", ({ socket }) => void socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${GOOD_JSON}`)],
  ["puts a byte order mark before it", answer(`\uFEFF${GOOD_JSON}`)],
  ["writes other members in Latin-1", answer(Buffer.from(`{"note":"\xE9",${GOOD_JSON.slice(1)}`, "latin1"))],
  ["puts white space around it", answer(`\r\n ${GOOD_JSON} \r\n`)],
  ["says 102 and 103 first", sayAndEnd(`${INFORMATION}${HEAD}Connection: close\r\n\r\n${GOOD_JSON}`)],
  ["speaks HTTP/1.0", sayAndEnd(`HTTP/1.0 200 OK\r\n\r\n${GOOD_JSON}`)],
  ["compresses it", answer(gzipSync(GOOD_JSON), { "content-encoding": "gzip" })],
  ["answers in single bytes", sayAndEnd(`${IN_CHUNKS}${[...GOOD_JSON].map(chunk).join("")}0\r\n\r\n`)],
];
