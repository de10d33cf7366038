/** Text that is safe inside HTML. `html` makes it from a template, and escapes every value in it. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export function html(strings: TemplateStringsArray, ...values: (string | Html | Html[])[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(escapeHtml)));
}

function escapeHtml(value: string | Html | Html[]): string {
  if (value instanceof Html) return value.source;
  if (Array.isArray(value)) return value.map(escapeHtml).join("");
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
