/** Whether the page is inside another page, of whatever origin. */
export function isFramed(): boolean {
  return window.top !== window.self;
}
