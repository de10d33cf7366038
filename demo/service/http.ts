import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { Html } from "./html.ts";
import { errorPage, picture } from "./pages.ts";
import { PEOPLE, picturePath } from "./people.ts";

const MAX_FORM_CHARACTERS = 1_000;

export function sendPage(response: ServerResponse, status: number, content: Html): void {
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" });
  response.end(content.source);
}

export function sendPicture(response: ServerResponse, pathname: string): void {
  const person = PEOPLE.find(({ id }) => pathname === picturePath(id));
  if (!person) return sendPage(response, 404, errorPage("This picture doesn’t exist."));

  response.writeHead(200, { "Content-Type": "image/svg+xml", "Cross-Origin-Resource-Policy": "cross-origin" });
  response.end(picture(person, 96).source);
}

export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const length = Number(request.headers["content-length"] ?? Infinity);
  if (length > MAX_FORM_CHARACTERS) throw new Error("The form is too long.");
  return new URLSearchParams(await text(request));
}
