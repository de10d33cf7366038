import type { Configuration } from "../../server/provider/service.ts";
import { formatIssues, readConfiguration } from "../configuration/configuration.ts";
import { PROJECT } from "../files/project.ts";

/** The id of the entry "Demo" below, which is part of the redirect URI. */
export const DEMO_ID = "demo";

/**
 * The owner's services and the demo service. Only this function adds that, so no other build can contain it.
 *
 * @param record the demo service's entry
 */
export async function developmentConfiguration(
  record: Record<string, unknown>,
  clientSecret: string,
): Promise<Configuration> {
  const { configuration, issues } = await readConfiguration({
    directory: PROJECT,
    env: process.env,
    localDevelopment: true,
    extraServices: { Demo: record },
  });
  if (issues.length > 0) throw new Error(`The configuration is invalid:\n\n${formatIssues(issues)}`);

  return { ...configuration, secrets: { ...configuration.secrets, [DEMO_ID]: clientSecret } };
}
