/**
 * Installs the third-party clients of `test/clients/`, and the browser that runs them, before the first test. They have
 * their own lock file, so owners who never run the tests never download them.
 */

import { fileURLToPath } from "node:url";
import { installFolder } from "../../scripts/files/install-folder.ts";

const CLIENTS = fileURLToPath(new URL("../clients/", import.meta.url));

export default async function setup(): Promise<void> {
  await installFolder(CLIENTS, () =>
    console.log("Installing the clients that the tests log in with (once, about 1.2 GB) …"),
  );
}
