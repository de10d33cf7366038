import type { Environment } from "../server/provider/environment.ts";
import type { Configuration } from "../server/provider/service.ts";
import { createPages, unpackFiles } from "./pages.ts";
import { createSite, type Site } from "./site.ts";
import { startProvider } from "./start-provider.ts";

/** `npm run build -- --host …` replaces both (`scripts/build/build-host.ts`). */
declare const CONFIGURATION: Configuration;
declare const PUBLISHED: string;

/** @throws {Error} that names every variable that is missing or cannot be used */
export function startSite(env: Environment): Site {
  return createSite(
    startProvider(CONFIGURATION, env),
    createPages(() => unpackFiles(PUBLISHED)),
  );
}
