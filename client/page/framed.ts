/** Inside another page, which may be somebody else's. */
export function isFramed(): boolean {
  return window.top !== window.self;
}
