/** What is wrong, where, and what to type. All parts of the configuration report their mistakes in this one form. */
export interface Fault {
  /** Where: `services.json → Github.client_id`. */
  path: string;
  reason: string;
  /** What to type. */
  advice: string;
}

export function formatFaults(faults: Fault[]): string {
  return faults.map(({ path, reason, advice }) => `${path}\n  ${reason}\n  → ${advice}`).join("\n\n");
}

export function pathOf(file: string, keys: PropertyKey[]): string {
  const written = keys.map((key) => (/^[\w-]+$/.test(String(key)) ? String(key) : JSON.stringify(String(key))));
  return `${file} → ${written.join(".")}`;
}

export function notAnObject(file: string, example: string): Fault {
  return { path: file, reason: "is not a JSON object", advice: `Write ${example}.` };
}

/** What zod says, as the second half of a sentence that begins with a path. */
export function reasonOf({ message }: { message: string }): string {
  return message.endsWith("received undefined") ? "is missing" : message.replace(/^Invalid (input|option): /, "");
}
