import type { BrowserContext } from "playwright-core";

/**
 * Reports every violation of a page's own content security policy in this context. Call it before any page is opened.
 */
export async function watchPolicy(context: BrowserContext, report: (violation: string) => void): Promise<void> {
  await context.exposeBinding("reportViolation", (_source, violation: string) => report(violation));
  await context.addInitScript(() => {
    const { reportViolation } = window as unknown as { reportViolation: (violation: string) => void };
    addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) => {
      reportViolation(`${effectiveDirective}: ${blockedURI} ${sample}`);
    });
  });
}
