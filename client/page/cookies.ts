/** Where a browser blocks cookies, no page can keep anything that a login needs, so it is better not to begin. */
export function areCookiesBlocked(): boolean {
  return navigator.cookieEnabled === false;
}
