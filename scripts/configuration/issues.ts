/** Something that is wrong in the configuration, where it is, and how to fix it. */
export interface Issue {
  /** The place, as in `services.json → Github.client_id`. */
  path: string;
  /** What is wrong there, as the second half of a sentence. */
  message: string;
  /** What to type. */
  advice: string;
}

export function formatIssues(issues: Issue[]): string {
  return issues.map(({ path, message, advice }) => `${path}\n  ${message}\n  → ${advice}`).join("\n\n");
}

export function pathOf(file: string, keys: PropertyKey[]): string {
  const written = keys.map((key) => (/^[\w-]+$/.test(String(key)) ? String(key) : JSON.stringify(String(key))));
  return `${file} → ${written.join(".")}`;
}

export function notAnObjectIssue(file: string, example: string): Issue {
  return { path: file, message: "is not a JSON object", advice: `Write ${example}.` };
}

/** zod's message, as the second half of a sentence that starts with a path. */
export function describeSchemaIssue({ message }: { message: string }): string {
  return message.endsWith("received undefined") ? "is missing" : message.replace(/^Invalid (input|option): /, "");
}
