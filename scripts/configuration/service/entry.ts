import type { z } from "zod";
import type { entrySchema, ServiceRecord } from "../../../catalogue/schema.ts";

/** What `services.json` says about one service. */
export type Entry = z.infer<ReturnType<typeof entrySchema>>;

export interface NamedEntry {
  /** As `services.json` spells it. */
  key: string;
  /** Canonical. */
  id: string;
  entry: Entry;
  /** Of the catalogue, with the owner's variables in its URLs; `undefined`: the catalogue does not know the service. */
  record: ServiceRecord | undefined;
}
