/** One thing in which a site differs from what was expected. */
export interface Difference {
  path: string;
  what: string;
  /** The owner may have chosen this, and it cannot change what the code does. */
  isOwners: boolean;
}

export const ownersDifference = (path: string, what: string): Difference => ({ path, what, isOwners: true });
export const unexplained = (path: string, what: string): Difference => ({ path, what, isOwners: false });
