// Brings a page about running work up to date without loading it anew, which would take the focus away and start a screen
// reader from the top every two seconds. Without scripts the page reloads itself.

const EVERY = 2000;

/**
 * Take over what changed. Text that stays the same is not touched, so it is not read out again.
 * @param {ParentNode} page
 * @param {ParentNode} fresh  the same page as the server has it now
 * @returns {boolean} whether the work still runs
 */
export function bringUpToDate(page, fresh) {
  for (const part of page.querySelectorAll("[data-live]")) {
    const now = fresh.querySelector(`[data-live="${part.getAttribute("data-live")}"]`);
    if (!now) return false;
    if (part.textContent !== now.textContent) part.textContent = now.textContent;
    for (const name of ["value", "max"]) {
      const value = now.getAttribute(name);
      if (value !== null && value !== part.getAttribute(name)) part.setAttribute(name, value);
    }
  }
  return true;
}

/**
 * Ask until the work is over; a failed question is asked again.
 * @param {{ask: () => Promise<ParentNode>, page: ParentNode, wait: () => Promise<void>, finish: () => void}} world
 */
export async function follow({ ask, page, wait, finish }) {
  for (;;) {
    await wait();
    const fresh = await ask().catch(() => null);
    if (fresh && !bringUpToDate(page, fresh)) return finish();
  }
}

if (typeof document !== "undefined") {
  void follow({
    page: document,
    wait: () => new Promise((resolve) => setTimeout(resolve, EVERY)),
    finish: () => location.reload(),
    async ask() {
      const answer = await fetch(location.href);
      if (!answer.ok) throw new Error(answer.statusText);
      return new DOMParser().parseFromString(await answer.text(), "text/html");
    },
  });
}
