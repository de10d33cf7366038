import { autocomplete, confirm, isCancel, password, select, text, updateSettings } from "@clack/prompts";
import { CancelledError } from "../terminal/command-error.ts";
import type { ListedService } from "./choose-service.ts";

/** The questions of `npm run add-service`. They are passed in, so that tests can answer them. */
export interface ServicePrompts {
  /** @returns `undefined` for a service that is not in the list */
  pickService(services: ListedService[]): Promise<string | undefined>;
  text(question: Question & { placeholder?: string }): Promise<string>;
  /** The typed text is not shown. */
  secret(question: Question): Promise<string>;
  choose<Value extends string>(
    message: string,
    options: { value: Value; label: string; hint?: string }[],
  ): Promise<Value>;
  confirm(message: string): Promise<boolean>;
}

export interface Question {
  message: string;
  /** @returns what is wrong with an answer; `undefined` if nothing is */
  validate: (value: string) => string | undefined;
}

/** Without this, Ctrl-D would end the input, and the question would wait for ever. */
updateSettings({ aliases: { "\u0004": "cancel" } });

const OTHER_SERVICE = "";
const LISTED_AT_ONCE = 10;

export const terminalPrompts: ServicePrompts = {
  async pickService(services) {
    const listed = services.map(({ id, name, hint }) => ({ value: id, label: name, hint }));
    const words = new Map(services.map((service) => [service.id, searchTextOf(service)]));
    const other = { value: OTHER_SERVICE, label: "Another service", hint: "describe it yourself" };
    const answer = await autocomplete({
      message: "Which service? Type to search.",
      options: [...listed, other],
      maxItems: LISTED_AT_ONCE,
      // The last option stays visible, whatever is searched for.
      filter: (search, { value }) => value === OTHER_SERVICE || matches(search, words.get(value)),
    });
    return answered(answer) || undefined;
  },
  async text({ message, placeholder, validate }) {
    const answer = await text({
      message,
      ...(placeholder === undefined ? {} : { placeholder }),
      validate: (value) => validate((value ?? "").trim()),
    });
    return answered(answer).trim();
  },
  async secret({ message, validate }) {
    const answer = await password({ message, validate: (value) => validate((value ?? "").trim()), clearOnError: true });
    return answered(answer).trim();
  },
  async choose(message, options) {
    const answer = await select<string>({ message, options });
    return answered(answer) as (typeof options)[number]["value"];
  },
  async confirm(message) {
    return answered(await confirm({ message }));
  },
};

export function searchTextOf({ id, name, words }: ListedService): string {
  return `${id} ${name} ${words}`.toLowerCase();
}

/** Every word of the search must occur. Dots and spaces in names are easy to forget, so they don't count. */
export function matches(search: string, text = ""): boolean {
  const bare = (word: string): string => word.replace(/[^\p{L}\p{N}]/gu, "");
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => bare(text).includes(bare(word)));
}

function answered<Answer>(answer: Answer): Exclude<Answer, symbol> {
  if (isCancel(answer)) throw new CancelledError();
  return answer as Exclude<Answer, symbol>;
}
