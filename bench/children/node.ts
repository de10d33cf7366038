/** Node, and nothing else. */
import { report } from "./report.ts";

report({ importMs: 0 });
