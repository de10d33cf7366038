/** Tags of one language that browsers may send in place of the one that a file here has. */
const otherTags: Record<string, string> = { nn: "nb", no: "nb" };

const rightToLeft = ["ar", "fa", "he", "ur"];

/** The first of the wanted languages that is offered, however special the tag (RFC 4647 §3.4); English if there is none. */
export function matchLanguage(wanted: readonly string[], offered: readonly string[]): string {
  return wanted.flatMap(rangesOf).find((range) => offered.includes(range)) ?? "en";
}

export function directionOf(language: string): "ltr" | "rtl" {
  return rightToLeft.includes(language) ? "rtl" : "ltr";
}

/** From the most special to the most general. The script may follow from the region: zh-TW is written in zh-Hant. */
function rangesOf(tag: string): string[] {
  try {
    const { language, script, region } = new Intl.Locale(tag).maximize();
    return [`${language}-${region}`, `${language}-${script}`, language, otherTags[language] ?? language];
  } catch {
    return [];
  }
}
