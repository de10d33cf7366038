import { spawn } from "node:child_process";
import { reasonOf } from "../files/file-errors.ts";
import { decode } from "../files/text-file.ts";
import { CommandError } from "../terminal/command-error.ts";

export async function readStandardInput(): Promise<string> {
  // A terminal would show the typed secret.
  if (process.stdin.isTTY)
    throw new CommandError("--client-secret-stdin needs piped input, as in: npm run add-service -- … < secret.txt");
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  } catch (error) {
    // A folder, for example.
    throw new CommandError(`Standard input cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
  return decode(Buffer.concat(chunks), "Standard input");
}

/** The address comes from the catalogue or has passed its rules: https, without characters that a shell interprets. */
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
