// Small helps at single questions: choices that exclude each other, a counter of characters, ranking by tapping.

import { graphemes } from "./answers.mjs";
import { element, filled, written } from "./page.mjs";

const NOTHING = new Set(["prefer_not_to_say", "dont_know"]);

/** @param {HTMLFormElement} form */
export function enhanceWidgets(form) {
  form.querySelectorAll(".ranks").forEach((ranks) => rankByTapping(/** @type {HTMLElement} */ (ranks)));
  form.querySelectorAll("[data-limit]").forEach((question) => count(/** @type {HTMLElement} */ (question)));
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.type === "checkbox" && target.checked) excludeOthers(form, target);
  });
}

/** "None of these", "I don't know" and "I prefer not to say" go with nothing else. @param {HTMLFormElement} form  @param {HTMLInputElement} ticked */
function excludeOthers(form, ticked) {
  const stands = (/** @type {HTMLInputElement} */ box) => box.dataset.exclusive !== undefined || NOTHING.has(box.value);
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(ticked.name)}"]`))) {
    if (box !== ticked && (stands(ticked) || stands(box))) box.checked = false;
  }
}

/** Say how much of a text's room is used, as readers count characters. @param {HTMLElement} question */
function count(question) {
  const field = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (question.querySelector("textarea, input[type=text]"));
  const limit = Number(question.dataset.limit);
  const shown = element("p", { class: "soft count", dir: "ltr" });
  const update = () => {
    const used = graphemes(field.value.trim());
    shown.textContent = `${written(used)} / ${written(limit)}`;
    shown.classList.toggle("over", used > limit);
    // Quiet while there is room: a counter that speaks at every letter drowns what is typed.
    shown.setAttribute("aria-live", used > 0.9 * limit ? "polite" : "off");
  };
  field.after(shown);
  field.addEventListener("input", update);
  update();
}

/** A list of buttons in place of the selects: a tap gives the next number, another takes it back. @param {HTMLElement} ranks */
function rankByTapping(ranks) {
  const selects = [...ranks.querySelectorAll("select")];
  const list = element("div", { class: "tapped" });
  const chosen = () => selects.map((select) => select.value).filter(Boolean);
  const options = [...selects[0].options].filter((option) => option.value);
  const buttons = options.map((option) => {
    const place = element("b");
    const tap = () => {
      const now = chosen();
      const next = now.includes(option.value) ? now.filter((value) => value !== option.value) : [...now, option.value].slice(0, selects.length);
      selects.forEach((select, place) => { select.value = next[place] ?? ""; });
      for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (ranks.parentElement?.querySelectorAll("input[type=checkbox]") ?? [])) box.checked = false;
      selects[0].dispatchEvent(new Event("change", { bubbles: true }));
      update();
    };
    const button = element("button", { type: "button", class: "choice rank-button", tap }, place, element("span", {}, option.textContent ?? ""));
    if (option.dataset.when) button.dataset.when = option.dataset.when;
    list.append(button);
    return { button, place, option };
  });
  const update = () => {
    const now = chosen();
    for (const { button, place, option } of buttons) {
      const rank = now.indexOf(option.value) + 1;
      place.textContent = rank ? String(rank) : "";
      button.setAttribute("aria-pressed", String(rank > 0));
      const words = rank ? ranks.dataset.rank : ranks.dataset.unrank;
      button.setAttribute("aria-label", filled(words ?? "", { label: option.textContent, num: rank }));
    }
  };
  ranks.parentElement?.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.checked) selects.forEach((select) => { select.value = ""; });
  });
  selects.forEach((select) => { /** @type {HTMLElement} */ (select.closest("label")).hidden = true; });
  ranks.append(list);
  // Once more after the page has taken off what no longer applies.
  ranks.closest("form")?.addEventListener("change", () => { update(); setTimeout(update); });
  update();
}
