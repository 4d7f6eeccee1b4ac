// What a person asked us to keep on this phone: one draft a survey, for 24 hours, never a sensitive answer. Nothing is kept unasked.

/**
 * @typedef {{survey: string, clientId: string, raw: Record<string, string[]>, fields: Record<string, string>, step: number,
 *   savedAt: number, isWaiting: boolean, hasGaps: boolean}} Draft
 *   `isWaiting`: the person pressed "send" and it has not arrived; `hasGaps`: sensitive answers were left out.
 */

const NAME = "linsheng";
const STORE = "drafts";
export const KEPT_FOR = 24 * 3_600_000;

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "survey" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<any>}  undefined where the browser keeps nothing (private windows)
 */
async function within(mode, ask) {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    }).finally(() => database.close());
  } catch {
    return undefined;
  }
}

/** @param {Draft} draft */
export const keep = (draft) => within("readwrite", (store) => store.put(draft));

/** @param {string} survey */
export const forget = (survey) => within("readwrite", (store) => store.delete(survey));

/** The draft of a survey; what is older than a day goes. @param {string} survey  @returns {Promise<Draft | undefined>} */
export async function find(survey) {
  /** @type {Draft[]} */
  const drafts = (await within("readonly", (store) => store.getAll())) ?? [];
  for (const draft of drafts) if (Date.now() - draft.savedAt > KEPT_FOR) await forget(draft.survey);
  return drafts.find((draft) => draft.survey === survey && Date.now() - draft.savedAt <= KEPT_FOR);
}

/** Wipe everything, as after a withdrawal. */
export const forgetAll = () => within("readwrite", (store) => store.clear());
