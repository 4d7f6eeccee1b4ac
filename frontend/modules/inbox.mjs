// The inbox by keyboard. Every act is a button or link of the page already: a key only presses it for the statement that has the
// focus. On narrow screens the originals and the filters begin closed.

const STEP = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
const PRESSED = new Set(["a", "e", "m", "r"]);

/**
 * What a key means: a step to another statement, the original, the list of keys, or a button to press.
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean}} event
 * @param {boolean} isTyping  whether the focus is in a field
 * @returns {{kind: "step", by: number} | {kind: "press", key: string} | {kind: "original"} | {kind: "keys"} | null}
 */
export function meaning(event, isTyping) {
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (Object.hasOwn(STEP, event.key)) return { kind: "step", by: STEP[event.key] };
  if (event.key === "o") return { kind: "original" };
  if (event.key === "?") return { kind: "keys" };
  return PRESSED.has(event.key) ? { kind: "press", key: event.key } : null;
}

/**
 * The statement to go to: from none to the first, never past an end.
 * @param {number} total
 * @param {number} at  -1 for none
 * @param {number} by
 */
export function stepTo(total, at, by) {
  if (at < 0) return by > 0 ? 0 : total - 1;
  return Math.min(total - 1, Math.max(0, at + by));
}

function start() {
  const isNarrow = matchMedia("(max-width: 860px)").matches;
  const choices = document.querySelector("details.choices:not([data-used])");
  if (isNarrow && choices) choices.open = false;
  const list = document.querySelector("[data-inbox]");
  if (!list) return;
  const items = [...list.querySelectorAll("[data-item]")];
  if (isNarrow) for (const details of list.querySelectorAll("details.original")) details.open = false;
  const current = () => items.findIndex((item) => item.contains(document.activeElement));
  const go = (place) => {
    items[place]?.focus({ preventScroll: true });
    items[place]?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    const isTyping = target instanceof Element && target.matches("input, textarea, select, [contenteditable]");
    const said = meaning(event, isTyping);
    if (!said) return;
    const at = current();
    const item = items[at];
    if (said.kind === "step") {
      go(stepTo(items.length, at, said.by));
    } else if (said.kind === "keys") {
      const keys = document.getElementById("keys");
      if (!keys) return;
      keys.open = !keys.open;
      if (keys.open) keys.scrollIntoView({ block: "nearest" });
    } else if (!item) {
      return;
    } else if (said.kind === "original") {
      const original = item.querySelector("details.original");
      if (original) original.open = !original.open;
    } else {
      item.querySelector(`[data-key="${said.key}"]`)?.click();
    }
    event.preventDefault();
  });
  const named = location.hash && document.getElementById(location.hash.slice(1));
  const place = named ? items.indexOf(named) : -1;
  if (place >= 0) go(place);
}

if (typeof document !== "undefined") start();
