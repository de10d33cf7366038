import type { Environment } from "../../server/provider/provider.ts";
import type { Fetch } from "../doctor/check.ts";
import type { NetlifyRunner } from "../netlify/netlify-cli.ts";
import type { Options } from "./command-line.ts";
import type { OwnersFiles } from "./owners-files.ts";
import type { ServicePrompts } from "./prompts.ts";

/** Everything that the script reaches of the world, handed in, so that tests can stand in for it. */
export interface AddServiceSurroundings {
  argv: string[];
  directory: string;
  env: Environment;
  /** `undefined`: nobody is there to answer. */
  prompts: ServicePrompts | undefined;
  readStandardInput: () => Promise<string>;
  write: (text: string) => void;
  openPage: (url: string) => void;
  runNetlify: NetlifyRunner;
  fetch?: Fetch;
}

/** The surroundings, with what the command line says. */
export interface Session extends Omit<AddServiceSurroundings, "argv"> {
  options: Options;
  files: OwnersFiles;
}
