import { createHash, timingSafeEqual } from "node:crypto";

/** Compares two strings. The time it takes does not show where they differ, so nobody can guess one piece by piece. */
export function equalSecrets(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(value: string): Buffer {
  return createHash("sha256").update(value).digest();
}
