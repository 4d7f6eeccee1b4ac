// Says how many statements are ticked, and ticks all of a page at once. Without scripts each box is ticked by hand.

/**
 * How many of the boxes are ticked.
 * @param {Iterable<{checked: boolean}>} boxes
 */
export function ticked(boxes) {
  let total = 0;
  for (const box of boxes) if (box.checked) total += 1;
  return total;
}

/**
 * Tick all, or none where all are ticked already.
 * @param {{checked: boolean}[]} boxes
 */
export function toggleAll(boxes) {
  const wanted = ticked(boxes) < boxes.length;
  for (const box of boxes) box.checked = wanted;
}

/**
 * @param {HTMLFormElement} form  with `data-all` (the button's words) and `data-count` (words with %n)
 */
export function watch(form) {
  const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[type=checkbox]")]);
  const words = form.dataset.count;
  if (!words || !form.dataset.all || boxes.length === 0) return;
  const all = document.createElement("button");
  all.type = "button";
  all.className = "button plain small";
  all.textContent = form.dataset.all;
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  count.className = "soft";
  const line = document.createElement("p");
  line.className = "actions";
  line.append(all, count);
  form.prepend(line);
  const say = () => { count.textContent = words.replace("%n", String(ticked(boxes))); };
  form.addEventListener("change", say);
  all.addEventListener("click", () => { toggleAll(boxes); say(); });
  say();
}

if (typeof document !== "undefined") {
  for (const form of document.querySelectorAll("form[data-ticks]")) watch(/** @type {HTMLFormElement} */ (form));
}
