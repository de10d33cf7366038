import { spawn, spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { stripVTControlCharacters } from "node:util";
import { PATIENCE_MS } from "./patience.ts";

/** Runs a program in a terminal, and types answers into it. */

export const hasPseudoTerminal = spawnSync("python3", ["-c", "import pty"]).status === 0;

/**
 * A Python script, because Python includes a pseudo-terminal (`pty`). It types each answer as soon as the question is
 * on the screen and the program reads single keys.
 */
const TYPIST = `
import fcntl, json, os, pty, re, select, struct, sys, termios, time
command, steps = json.loads(sys.stdin.read())
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    os.execvp(command[0], command)
def reads_keys():
    return not termios.tcgetattr(terminal)[3] & termios.ICANON
screen, searched_from = "", 0
deadline = time.time() + ${PATIENCE_MS / 1_000}
while time.time() < deadline:
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        screen += chunk.decode("utf8", "replace")
    if steps and reads_keys() and steps[0][0] in re.sub(r"\\x1b\\[[0-9;?]*[A-Za-z]", "", screen[searched_from:]):
        question, answer = steps.pop(0)
        searched_from = len(screen)
        os.write(terminal, answer.encode())
sys.stdout.write(screen)
`;

/** @returns everything that was on the screen */
export function inPseudoTerminal(command: string[], cwd: string, steps: [string, string][]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: tmpdir(), TERM: "xterm-256color" };
  return new Promise((resolve, reject) => {
    const typist = spawn("python3", ["-c", TYPIST], { cwd, env });
    let screen = "";
    typist.stdout.setEncoding("utf8").on("data", (text: string) => (screen += text));
    typist.once("error", reject);
    typist.once("close", () => resolve(stripVTControlCharacters(screen)));
    typist.stdin.end(JSON.stringify([command, steps]));
  });
}
