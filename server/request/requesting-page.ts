/**
 * Whether a request comes from a page of another app [A30]. Browsers write `Origin`: a page can neither forge it nor leave
 * it out on a POST. A caller outside browsers sends none, or any.
 */
export function comesFromOtherApp(origin: string | null, appOrigin: string): boolean {
  return origin !== null && origin !== appOrigin && !isPageOfExtension(origin, appOrigin);
}

/** Where `identity.launchWebAuthFlow` of a browser catches the answer for an extension: pages that are never loaded. */
const CHROMIUM_REDIRECT = /^https:\/\/([a-p]{32})\.chromiumapp\.org$/;
const FIREFOX_REDIRECT = /^https:\/\/[0-9a-f]{40}\.extensions\.allizom\.org$/;

/** A new one in each installation of an extension, so that no site can recognise a person by it. */
const FIREFOX_PAGE = /^moz-extension:\/\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * An extension gets the answer at a web origin, and redeems it from its own. Chromium has the extension's id in both.
 * Firefox has nothing in common in them, so any extension of a Firefox is taken for that one: this keeps out pages of the
 * web, which have no such origin, and nobody who could as well send none.
 */
function isPageOfExtension(origin: string, appOrigin: string): boolean {
  const chromiumId = CHROMIUM_REDIRECT.exec(appOrigin)?.[1];
  if (chromiumId !== undefined) return origin === `chrome-extension://${chromiumId}`;
  return FIREFOX_REDIRECT.test(appOrigin) && FIREFOX_PAGE.test(origin);
}
