import { expect, test, vi } from "vitest";
import { createPages, packFiles, unpackFiles } from "../../hosts/pages.ts";

const BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);
const FILES = [
  { paths: ["/logo.png"], headers: { "Content-Type": "image/png" }, body: Buffer.from(BYTES).toString("latin1") },
  { paths: ["/404"], headers: {}, body: "none" },
];

test("a start waits for no page: the files are read for the first request of one, and only once", async () => {
  const readFiles = vi.fn(() => FILES);
  const pages = createPages(readFiles);
  expect(readFiles).not.toHaveBeenCalled();
  expect((await pages(new Request("https://auth.example/logo.png"))).status).toBe(200);
  expect((await pages(new Request("https://auth.example/other"))).status).toBe(404);
  expect(readFiles).toHaveBeenCalledOnce();
});

test("what a build packs is served byte for byte", async () => {
  const packed = packFiles(FILES);
  const answer = await createPages(() => unpackFiles(packed))(new Request("https://auth.example/logo.png"));
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(BYTES);
  expect(answer.headers.get("content-type")).toBe("image/png");
});
