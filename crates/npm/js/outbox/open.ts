// The database `tidings` that ../worker/store.ts describes: its version and its stores.

/** What a request comes to. */
export const result = <T>(request: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Opens it, new or as it is. */
export function open(): Promise<IDBDatabase> {
  const request = indexedDB.open('tidings', 2);
  request.onupgradeneeded = () => {
    for (const name of ['kv', 'outbox']) {
      if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name);
    }
  };
  return result(request);
}
