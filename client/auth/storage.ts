/**
 * Web Storage that never throws. In private windows, on full disks and with blocked cookies it may fail at any access; the
 * values are then kept in memory, as long as the page is open.
 */
export interface SafeStorage {
  get(key: string): string | null;
  /** @returns whether the value outlives this page */
  set(key: string, value: string): boolean;
  remove(key: string): void;
}

/** @param open a function, because reading `window.localStorage` may throw */
export function safeStorage(open: () => Storage): SafeStorage {
  const memory = new Map<string, string>();

  /** @returns `undefined` when the storage cannot be used */
  function attempt<Result>(use: (storage: Storage) => Result): Result | undefined {
    try {
      return use(open());
    } catch {
      return undefined;
    }
  }

  function remove(key: string): void {
    memory.delete(key);
    attempt((storage) => storage.removeItem(key));
  }

  return {
    get: (key) => memory.get(key) ?? attempt((storage) => storage.getItem(key)) ?? null,
    set(key, value) {
      // If the new value does not fit, the old one must not stay.
      remove(key);
      const write = (storage: Storage): boolean => {
        storage.setItem(key, value);
        return true;
      };
      const stored = attempt(write) ?? false;
      if (!stored) memory.set(key, value);
      return stored;
    },
    remove,
  };
}

export const localStore = safeStorage(() => window.localStorage);
export const tabStore = safeStorage(() => window.sessionStorage);
