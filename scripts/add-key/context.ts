import type { Environment } from "../../server/provider/environment.ts";
import type { OwnersFiles } from "../add-service/owners-files.ts";
import type { ServicePrompts } from "../add-service/prompts.ts";
import type { NetlifyRunner } from "../netlify/netlify-cli.ts";
import type { Fetch } from "../network/fetch.ts";
import type { Options, Store } from "./command-line.ts";

/** Everything outside the process that the command uses. It is passed in, so that tests can replace it. */
export interface AddKeyContext {
  argv: string[];
  directory: string;
  env: Environment;
  /** `undefined` if there is nobody to answer. */
  prompts: Pick<ServicePrompts, "choose" | "confirm"> | undefined;
  print: (text: string) => void;
  runNetlify: NetlifyRunner;
  fetch: Fetch;
}

/** The context of one run, when it is known where the keys are stored. */
export interface RunContext extends Omit<AddKeyContext, "argv"> {
  options: Omit<Options, "store"> & { store: Store };
  files: OwnersFiles;
}
