import { spawn } from "node:child_process";
import { Refusal } from "../terminal/console.ts";

export async function readAll(): Promise<string> {
  // A terminal would show what is typed.
  if (process.stdin.isTTY)
    throw new Refusal("--client-secret-stdin reads what is piped in, as in: npm run add-service -- … < secret.txt");
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** The address comes from the catalogue or passed its rules: https, without anything that a shell could read. */
export function openPage(url: string): void {
  const [program, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler", url]
        : ["xdg-open", url];
  const opener = spawn(program!, args, { detached: true, stdio: "ignore" });
  opener.once("error", () => undefined);
  opener.unref();
}
