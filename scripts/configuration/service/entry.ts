import type { z } from "zod";
import type { entrySchema, ServiceRecord } from "../../../catalogue/schema.ts";

/** One service's entry in `services.json`. */
export type Entry = z.infer<ReturnType<typeof entrySchema>>;

export interface NamedEntry {
  /** As `services.json` spells it. */
  key: string;
  /** The canonical id. */
  id: string;
  entry: Entry;
  /** The catalogue's record with the owner's variables in its URLs; `undefined` if the catalogue does not have it. */
  record: ServiceRecord | undefined;
}
