/** Node alone: the baseline for starting a process. */
import { report } from "./report.ts";

report({ importMs: 0 });
