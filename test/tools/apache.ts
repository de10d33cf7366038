import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type LocalServer, untilItAnswers } from "./local-server.ts";

/** Apache with mod_auth_openidc, as Debian has them. */

const PROGRAM = "/usr/sbin/apache2";
const MODULES = "/usr/lib/apache2/modules";

export const APACHE = {
  name: "Apache's mod_auth_openidc",
  packages: ["libapache2-mod-auth-openidc"],
  isInstalled: (): boolean => existsSync(PROGRAM) && existsSync(`${MODULES}/mod_auth_openidc.so`),
};

/** Modules that Debian has not built in. */
const NEEDED = ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc"];

/** A server that nobody else knows of: its own folder and port, and no file of the computer's own configuration. */
export async function startApache(port: number, directives: string[]): Promise<LocalServer> {
  const folder = await mkdtemp(join(tmpdir(), "apache-"));
  const file = join(folder, "apache.conf");
  await writeFile(file, [...settings(folder, port), ...directives, ""].join("\n"));
  const child = spawn(PROGRAM, ["-f", file, "-DFOREGROUND"], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  const said = text(child.stderr);
  const origin = `http://127.0.0.1:${port}`;
  await Promise.race([untilItAnswers(origin), ended.then(async () => Promise.reject(new Error(await said)))]);
  return {
    origin,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

function settings(folder: string, port: number): string[] {
  return [
    ...NEEDED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
    `ServerRoot ${folder}`,
    `DefaultRuntimeDir ${folder}`,
    `PidFile ${join(folder, "apache.pid")}`,
    `ErrorLog ${join(folder, "error.log")}`,
    // Its processes cannot open a file of root's.
    "Mutex sem",
    "User nobody",
    "Group nogroup",
    "ServerName 127.0.0.1",
    `Listen 127.0.0.1:${port}`,
    // Its processes can read this folder. No file in it is asked for, so that whoever is let in gets the answer below.
    `DocumentRoot ${MODULES}`,
    'ErrorDocument 404 "user=%{REMOTE_USER}"',
  ];
}
