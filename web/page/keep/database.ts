/** The browser's own store, as promises: one table of images, one of everything else. */

export interface Database {
  put(table: Table, key: string, value: unknown): Promise<void>;
  get(table: Table, key: string): Promise<unknown>;
  all(table: Table): Promise<unknown[]>;
  remove(table: Table, key: string): Promise<void>;
  clear(): Promise<void>;
}

export type Table = "images" | "project";
const tables: readonly Table[] = ["images", "project"];

const version = 1;

export async function openDatabase(name: string): Promise<Database> {
  const opening = indexedDB.open(name, version);
  opening.onupgradeneeded = () => {
    for (const table of tables) opening.result.createObjectStore(table);
  };
  const database = await done(opening);
  const store = (table: Table, mode: IDBTransactionMode): IDBObjectStore =>
    database.transaction(table, mode).objectStore(table);
  return {
    async put(table, key, value) {
      await done(store(table, "readwrite").put(value, key));
    },
    get: (table, key) => done<unknown>(store(table, "readonly").get(key)),
    all: (table) => done<unknown[]>(store(table, "readonly").getAll()),
    async remove(table, key) {
      await done(store(table, "readwrite").delete(key));
    },
    async clear() {
      for (const table of tables) await done(store(table, "readwrite").clear());
    },
  };
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error("storage: must work, got no reason"));
    };
  });
