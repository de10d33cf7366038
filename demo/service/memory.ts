interface StoredRecord extends Record<string, unknown> {
  uid?: string;
  grantId?: string;
  accountId?: string;
  consumed?: number;
}

/** Everything that the service stores until it stops, with one store for each kind of record (sessions, codes, …). */
export class Memory {
  readonly #stores: MemoryStore[] = [];

  openStore(): MemoryStore {
    const store = new MemoryStore();
    this.#stores.push(store);
    return store;
  }

  forgetAccount(accountId: string): void {
    for (const store of this.#stores) store.destroyAll((record) => record.accountId === accountId);
  }
}

/** The adapter interface of `oidc-provider`, which checks itself whether a record has expired. */
class MemoryStore {
  readonly #records = new Map<string, StoredRecord>();

  async upsert(id: string, record: StoredRecord): Promise<void> {
    this.#records.set(id, record);
  }

  async find(id: string): Promise<StoredRecord | undefined> {
    return this.#records.get(id);
  }

  async findByUid(uid: string): Promise<StoredRecord | undefined> {
    return [...this.#records.values()].find((record) => record.uid === uid);
  }

  async consume(id: string): Promise<void> {
    const record = this.#records.get(id);
    if (record) record.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<void> {
    this.#records.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    this.destroyAll((record) => record.grantId === grantId);
  }

  destroyAll(matches: (record: StoredRecord) => boolean): void {
    for (const [id, record] of this.#records) if (matches(record)) this.#records.delete(id);
  }
}
