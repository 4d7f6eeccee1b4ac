// Brings the answers to the server: once, and again when the signal returns. Says plainly whether they have arrived. Keeps a draft on
// this phone where the person asked for it: one a survey, for 24 hours, never a sensitive answer.

import { button, element, field, readRaw, writeRaw } from "./page.mjs";

const TIMEOUT = 30_000;
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 60_000;

/** Whether trying again may help: the server is not reached, or is busy. @param {number} status */
export const isPassing = (status) => status === 429 || status >= 500;

/** @param {number} tries  @returns {number} milliseconds */
export const waitBefore = (tries) => Math.min(FIRST_WAIT * 2 ** tries, LONGEST_WAIT);

/** An id that nobody guesses, as the server makes them. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * @typedef {{survey: string, clientId: string, raw: Record<string, string[]>, fields: Record<string, string>, step: number,
 *   savedAt: number, isWaiting: boolean, hasGaps: boolean}} Draft
 *   `isWaiting`: the person pressed "send" and it has not arrived; `hasGaps`: sensitive answers were left out.
 */

const NAME = "linsheng";
const STORE = "drafts";
const KEPT_FOR = 24 * 3_600_000;

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
const keep = (draft) => within("readwrite", (store) => store.put(draft));

/** @param {string} survey */
const forget = (survey) => within("readwrite", (store) => store.delete(survey));

/** The draft of a survey; what is older than a day goes. @param {string} survey  @returns {Promise<Draft | undefined>} */
async function find(survey) {
  /** @type {Draft[]} */
  const drafts = (await within("readonly", (store) => store.getAll())) ?? [];
  for (const draft of drafts) if (Date.now() - draft.savedAt > KEPT_FOR) await forget(draft.survey);
  return drafts.find((draft) => draft.survey === survey && Date.now() - draft.savedAt <= KEPT_FOR);
}

export class Delivery {
  /** @param {HTMLFormElement} form  @param {import("./survey.mjs").Steps} steps */
  constructor(form, steps) {
    this.form = form;
    this.steps = steps;
    this.words = steps.words;
    this.survey = new URL(form.action).pathname;
    /** @type {URLSearchParams | undefined} what was sent and has not arrived */
    this.pending = undefined;
    this.tries = 0;
    this.isBusy = false;
    this.isKept = false;
    this.state = element("div", { class: "notice state", role: "status", hidden: "" });
    this.others = "BroadcastChannel" in window ? new BroadcastChannel(this.survey) : undefined;
  }

  async start() {
    this.form.before(this.state);
    // A correction and what is entered for others stay on no phone.
    const isOwn = this.form.dataset.kind === "answer";
    if (isOwn) this.#offerToKeep();
    if (this.form.dataset.cached) {
      // A page from the cache is opened by the next person, too.
      this.#set("_client", newId());
      this.#say(this.words.offline);
    }
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.form.addEventListener("input", () => this.#changed());
    this.form.addEventListener("change", () => this.#changed());
    for (const moment of ["online", "pageshow"]) addEventListener(moment, () => this.#send());
    document.addEventListener("visibilitychange", () => document.hidden || this.#send());
    addEventListener("beforeunload", (event) => { if (this.pending && !this.isKept) event.preventDefault(); });
    this.others?.addEventListener("message", ({ data }) => { if (data === this.#get("_client")) this.#sentElsewhere(); });
    const draft = isOwn ? await find(this.survey) : undefined;
    if (draft) this.#offer(draft);
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    if (event.defaultPrevented || event.submitter?.getAttribute("name")) return;
    event.preventDefault();
    if (this.pending) return;
    this.pending = new URLSearchParams(/** @type {any} */ (new FormData(this.form)));
    this.tries = 0;
    if (this.isKept) this.#keep();
    this.#lock(true);
    this.#send();
  }

  /** Try to send what waits. */
  async #send() {
    if (!this.pending || this.isBusy) return;
    clearTimeout(this.timer);
    this.isBusy = true;
    this.#say(this.words.sending);
    let arrived;
    try {
      const reply = await fetch(this.form.action, {
        method: "POST", body: this.pending, credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT),
      });
      if (!isPassing(reply.status)) arrived = { status: reply.status, text: await reply.text() };
    } catch {
      // No signal, or it broke off: told below.
    }
    this.isBusy = false;
    if (!this.pending) return;
    if (arrived) await this.#arrived(arrived);
    else this.#wait();
  }

  /** @param {{status: number, text: string}} reply */
  async #arrived({ status, text }) {
    const clientId = this.#get("_client");
    this.pending = undefined;
    if (status !== 200) {
      // The server has something to say about the answers: let it draw its page, with everything typed.
      this.#lock(false);
      HTMLFormElement.prototype.submit.call(this.form);
      return;
    }
    this.isKept = false;
    await forget(this.survey);
    this.others?.postMessage(clientId);
    const { title, body } = new DOMParser().parseFromString(text, "text/html");
    document.title = title;
    document.body.replaceWith(body);
    scrollTo(0, 0);
    const heading = body.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }

  #wait() {
    const again = button("button", this.words.again, () => this.#send());
    const change = button("button plain", this.words.edit, () => {
      this.pending = undefined;
      clearTimeout(this.timer);
      this.state.hidden = true;
      this.#lock(false);
    });
    this.#say(this.words.notSent, this.isKept ? this.words.notSentKept : this.words.notSentOpen, again, change);
    this.timer = setTimeout(() => this.#send(), waitBefore(this.tries));
    this.tries += 1;
  }

  /** While it is on its way nothing is changed: what arrives is what was sent. @param {boolean} isLocked */
  #lock(isLocked) {
    this.form.inert = isLocked;
    if (isLocked) this.state.scrollIntoView({ block: "center" });
  }

  /** @param {string} title  @param {...(string | Node | undefined)} more */
  #say(title, ...more) {
    const words = [element("strong", {}, title), ...more.filter((part) => typeof part === "string")];
    const buttons = /** @type {Node[]} */ (more.filter((part) => part instanceof Node));
    this.state.replaceChildren(...words.map((part) => element("p", {}, part)), element("div", buttons.length ? { class: "actions" } : {}, ...buttons));
    this.state.hidden = false;
  }

  // Drafts, only after the person ticked that one be kept.

  #offerToKeep() {
    const box = this.box = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox" }));
    box.addEventListener("change", (event) => {
      event.stopPropagation();
      this.isKept = box.checked;
      if (this.isKept) this.#keep();
      else forget(this.survey);
    });
    this.steps.keeper(element("label", { class: "choice keep" }, box, element("span", {}, this.words.keep)));
  }

  #changed() {
    if (!this.isKept || this.pending) return;
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.#keep(), 400);
  }

  #keep() {
    const raw = readRaw(this.form);
    const sensitive = this.steps.items.filter(({ element, id }) => element.dataset.sensitive && raw[id]?.some(Boolean));
    for (const { id } of sensitive) delete raw[id];
    const fields = Object.fromEntries(["_channel", "_seed", "_language", "_age", "_agree"].map((name) => [name, this.#get(name)]));
    return keep({
      survey: this.survey, clientId: this.#get("_client"), raw, fields, step: this.steps.step, savedAt: Date.now(),
      isWaiting: Boolean(this.pending) && !sensitive.length, hasGaps: sensitive.length > 0,
    });
  }

  /** @param {Draft} draft */
  #offer(draft) {
    const go = async (/** @type {boolean} */ isSending) => {
      this.state.hidden = true;
      writeRaw(this.form, draft.raw);
      for (const [name, value] of Object.entries({ ...draft.fields, _client: draft.clientId })) this.#set(name, value);
      this.isKept = /** @type {HTMLInputElement} */ (this.box).checked = true;
      this.steps.refresh();
      this.form.dispatchEvent(new Event("change"));
      this.steps.go(isSending ? this.steps.last : draft.step);
      if (isSending) this.form.requestSubmit(/** @type {HTMLButtonElement} */ (this.form.querySelector("[data-busy]")));
    };
    const drop = button("button plain", this.words.drop, async () => {
      await forget(this.survey);
      this.state.hidden = true;
    });
    if (draft.isWaiting) this.#say(this.words.waiting, button("button", this.words.again, () => go(true)), drop);
    else this.#say(this.words.draft, draft.hasGaps ? this.words.gaps : undefined, button("button", this.words.resume, () => go(false)), drop);
  }

  #sentElsewhere() {
    this.isKept = false;
    this.pending = undefined;
    this.form.inert = true;
    this.#say(this.words.elsewhere);
  }

  /** @param {string} name */
  #get(name) {
    const { type, checked, value } = field(this.form, name);
    return type === "checkbox" && !checked ? "" : value;
  }

  /** @param {string} name  @param {string} value */
  #set(name, value) {
    const one = field(this.form, name);
    if (one.type === "checkbox") one.checked = value !== "";
    else one.value = value;
  }
}
