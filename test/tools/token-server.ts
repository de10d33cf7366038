import { startLocalServer } from "./local-server.ts";

/** What the scripted token endpoint does with the next requests. */
export type TokenAnswer =
  | { status?: number; json: unknown }
  | { status?: number; text: string; contentType?: string }
  | { redirect: number; location: string }
  | "hang"
  | "reset"
  | "huge";

export interface SeenTokenRequest {
  url: string;
  headers: Record<string, string | string[] | undefined>;
  form: URLSearchParams;
}

/**
 * The service's side of the network in the fast suites: a token endpoint on loopback that records requests and gives
 * scripted answers. (The suites with complete logins use a real authorization server.)
 */
export async function startTokenServer(): Promise<{
  endpoint: string;
  seen: SeenTokenRequest[];
  answerWith(answer: TokenAnswer): void;
  stop(): Promise<void>;
}> {
  const seen: SeenTokenRequest[] = [];
  let answer: TokenAnswer = { json: { access_token: "unset", token_type: "bearer" } };

  const { origin, stop } = await startLocalServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      seen.push({ url: request.url ?? "", headers: request.headers, form: new URLSearchParams(body) });
      if (answer === "hang") return;
      if (answer === "reset") return void request.socket.destroy();
      if (answer === "huge") {
        response.writeHead(200, { "content-type": "application/json" });
        return void response.end(`{"access_token":"x","padding":"${"x".repeat(10_000_000)}"}`);
      }
      if ("redirect" in answer) return void response.writeHead(answer.redirect, { location: answer.location }).end();
      const { contentType, body: text } =
        "json" in answer
          ? { contentType: "application/json", body: JSON.stringify(answer.json) }
          : { contentType: answer.contentType ?? "text/html", body: answer.text };
      response.writeHead(answer.status ?? 200, { "content-type": contentType });
      response.end(text);
    });
  });
  return {
    endpoint: `${origin}/token`,
    seen,
    answerWith: (next) => (answer = next),
    stop,
  };
}
