import type { Environment } from "../../server/provider/environment.ts";
import type { NetlifyRunner } from "../netlify/netlify-cli.ts";
import type { Fetch } from "../network/fetch.ts";
import type { Options } from "./command-line.ts";
import type { OwnersFiles } from "./owners-files.ts";
import type { ServicePrompts } from "./prompts.ts";

/** Everything outside the process that the command uses. It is passed in, so that tests can replace it. */
export interface AddServiceContext {
  argv: string[];
  directory: string;
  env: Environment;
  /** `undefined` if there is nobody to answer. */
  prompts: ServicePrompts | undefined;
  readStandardInput: () => Promise<string>;
  print: (text: string) => void;
  openPage: (url: string) => void;
  runNetlify: NetlifyRunner;
  fetch?: Fetch;
}

/** The context of one run, with the parsed command line and the owner's files. */
export interface RunContext extends Omit<AddServiceContext, "argv"> {
  options: Options;
  files: OwnersFiles;
}
