/**
 * Whether a request comes from a page of another app. Browsers write `Origin`: a page can neither forge it nor leave it
 * out on a POST. A program can send any origin, or none.
 */
export function comesFromOtherApp(origin: string | null, appOrigin: string): boolean {
  return origin !== null && origin !== appOrigin && !isPageOfExtension(origin, appOrigin);
}

/** The redirect URIs that browsers catch for `identity.launchWebAuthFlow` of an extension. They are never loaded. */
const CHROMIUM_REDIRECT = /^https:\/\/([a-p]{32})\.chromiumapp\.org$/;
const FIREFOX_REDIRECT = /^https:\/\/[0-9a-f]{40}\.extensions\.allizom\.org$/;

/** Firefox gives each installation of an extension a new identifier, so that sites cannot recognise a person by it. */
const FIREFOX_PAGE = /^moz-extension:\/\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * An extension gets the authorization response at a web origin and redeems the code from its own origin. In Chromium both
 * contain the extension's identifier. In Firefox they have nothing in common, so every extension of a Firefox counts as
 * the right one. This still keeps out web pages, which cannot have such an origin; anybody else could send no origin.
 */
function isPageOfExtension(origin: string, appOrigin: string): boolean {
  const chromiumId = CHROMIUM_REDIRECT.exec(appOrigin)?.[1];
  if (chromiumId !== undefined) return origin === `chrome-extension://${chromiumId}`;
  return FIREFOX_REDIRECT.test(appOrigin) && FIREFOX_PAGE.test(origin);
}
