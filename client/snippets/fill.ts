/**
 * The code that the home page shows to people who build apps, and the docs print, and the tests run. It is written for
 * GitHub at https://auth.example.com.
 */

/** What the code is about, in place of that. */
export interface SnippetValues {
  /** Origin of the auth provider. */
  provider: string;
  /** The service's id there. */
  service: string;
  serviceName: string;
  /** The provider's own client ID at the service, which is public. */
  clientId: string;
}

export function fillSnippet(code: string, { provider, service, serviceName, clientId }: SnippetValues): string {
  return code
    .replaceAll(/(auth\.example\.com\/(?:\S+\/)?|"|name: )github\b(?!\.)/g, (_, before: string) => before + service)
    .replaceAll("https://auth.example.com", () => provider)
    .replaceAll("YOUR_GITHUB_CLIENT_ID", () => clientId)
    .replaceAll("GitHub", () => serviceName);
}
