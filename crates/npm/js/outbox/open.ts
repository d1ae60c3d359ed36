// The database `tidings` that crates/client/src/store.rs describes: its version and its stores.

/** Opens it, new or as it is. */
export const open = () =>
  new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('tidings', 2);
    request.onupgradeneeded = () => {
      for (const name of ['kv', 'outbox']) {
        if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name);
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
