import english from "../../client/languages/en.json" with { type: "json" };

/** What the pages say in English, with its values: so a test does not have to change with every better word. */
export function say(key: keyof typeof english, values: Record<string, string> = {}): string {
  return english[key].replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
