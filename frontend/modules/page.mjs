// The survey page as data: which questions stand on it, what is in them, what is shown; and how its parts are made. Touches the
// document, decides nothing.

import { checkAnswers } from "./answers.mjs";
import { holds } from "./logic.mjs";

/** @typedef {import("./answers.mjs").Item & {element: HTMLElement, section: HTMLElement}} PageItem */

const LISTED = new Set(["radio", "checkbox"]);

/** Today in Beijing. */
export const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);

/** @param {HTMLElement} element  @param {string} name */
const tree = (element, name) => (element.dataset[name] === undefined ? undefined : JSON.parse(element.dataset[name] ?? ""));

/** @param {HTMLElement} element  @param {string} name */
const number = (element, name) => (element.dataset[name] === undefined ? undefined : Number(element.dataset[name]));

/** The questions with an answer of their own, in the order of the form. @param {HTMLFormElement} form  @returns {PageItem[]} */
export function readItems(form) {
  return /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-question]")])
    .filter(({ dataset }) => dataset.type !== "note" && dataset.type !== "matrix")
    .map((element) => {
      const values = [...element.querySelectorAll("input[value], option[value]")].map((input) => input.getAttribute("value"));
      return {
        element,
        section: /** @type {HTMLElement} */ (element.closest("section")),
        id: element.dataset.question ?? "",
        type: element.dataset.type ?? "",
        relevant: conditionsOf(element),
        required: tree(element, "required") ?? false,
        constraint: tree(element, "constraint"),
        message: element.dataset.message,
        min: number(element, "min"),
        max: number(element, "max"),
        limit: number(element, "limit"),
        most: number(element, "most"),
        refusal: values.includes("prefer_not_to_say"),
        unknown: values.includes("dont_know"),
        choices: choicesOf(element),
      };
    });
}

/** All that must hold for an element to be shown, the outermost first. @param {HTMLElement} element  @returns {any[]} */
function conditionsOf(element) {
  const found = [];
  for (let around = element.closest("[data-relevant]"); around; around = around.parentElement?.closest("[data-relevant]") ?? null) {
    found.unshift(tree(/** @type {HTMLElement} */ (around), "relevant"));
  }
  return found;
}

/** @param {HTMLElement} element */
function choicesOf(element) {
  const found = new Map();
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (element.querySelectorAll("input[value], option[value]"))) {
    const holder = /** @type {HTMLElement} */ (input.closest("[data-when]"));
    const value = input.getAttribute("value") ?? "";
    if (value) found.set(value, { value, when: holder ? tree(holder, "when") : undefined, exclusive: input.dataset.exclusive !== undefined });
  }
  return [...found.values()];
}

/** What stands in the form now, by item. @param {HTMLFormElement} form  @returns {Record<string, string[]>} */
export function readRaw(form) {
  /** @type {Record<string, string[]>} */
  const raw = {};
  for (const [name, value] of new FormData(form)) {
    if (!name.startsWith("_") && typeof value === "string") (raw[name] ??= []).push(value);
  }
  return raw;
}

/**
 * Put values back into the form.
 * @param {HTMLFormElement} form
 * @param {Record<string, string[]>} raw
 */
export function writeRaw(form, raw) {
  for (const [name, values] of Object.entries(raw)) {
    const rest = [...values];
    for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (input instanceof HTMLInputElement && LISTED.has(input.type)) input.checked = values.includes(input.value);
      else if (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement) {
        input.value = rest.shift() ?? "";
      }
    }
  }
}

/**
 * Check what stands in the form, and show and hide what depends on it.
 * @param {HTMLFormElement} form
 * @param {PageItem[]} items
 */
export function refresh(form, items) {
  const checked = checkAnswers(items, readRaw(form), today());
  const { answers } = checked;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-relevant]"))) {
    const isShown = conditionsOf(element).every((condition) => holds(condition, answers, { today: today() }));
    element.toggleAttribute(element.dataset.step ? "data-skipped" : "hidden", !isShown);
  }
  for (const choice of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-when]"))) {
    choice.hidden = !holds(tree(choice, "when"), answers, { today: today() });
    if (choice instanceof HTMLOptionElement) {
      choice.disabled = choice.hidden;
      if (choice.hidden) choice.selected = false;
    } else if (choice.hidden) choice.querySelectorAll("input").forEach((input) => { input.checked = false; }); // a ranking's button has none
  }
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-pipe]"))) {
    const item = items.find(({ id }) => id === place.dataset.pipe);
    const own = item && answers[item.id] === "other" ? answers[`${item.id}_other`] : undefined;
    place.textContent = String(own ?? "") || (item && shownAnswer(item, answers[item.id]).join(", ")) || "…";
  }
  return checked;
}

/**
 * An answer as the page words it, a line for each choice.
 * @param {PageItem} item
 * @param {string | number | string[] | undefined} answer
 * @returns {string[]}
 */
export function shownAnswer(item, answer) {
  if (answer === undefined) return [];
  return (Array.isArray(answer) ? answer : [answer]).map((value, place) => {
    const input = item.element.querySelector(`[value="${CSS.escape(String(value))}"]`);
    const isListed = input instanceof HTMLOptionElement || (input instanceof HTMLInputElement && LISTED.has(input.type));
    const words = isListed ? (input.closest("label") ?? input).textContent?.trim() ?? "" : String(value);
    return item.type === "ranking" && Array.isArray(answer) ? `${place + 1}. ${nameOf(item, String(value))}` : words;
  });
}

/** @param {PageItem} item  @param {string} value */
const nameOf = (item, value) => item.element.querySelector(`option[value="${CSS.escape(value)}"]`)?.textContent ?? value;

/** The question as the page words it. @param {PageItem} item */
export function labelOf(item) {
  const label = /** @type {Element | undefined} */ (item.element.querySelector("legend, .ask")?.cloneNode(true));
  label?.querySelector(".must")?.remove();
  return (label?.textContent ?? "").replace(/\s+/g, " ").trim();
}

/**
 * Make an element; a function among the attributes is what happens on a click.
 * @param {string} name  @param {Record<string, string | (() => void)>} [attributes]  @param {...(string | Node)} children
 * @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener("click", value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** @param {string} look  its classes  @param {string} words  @param {() => void} click */
export const button = (look, words, click, attributes = {}) => element("button", { type: "button", class: look, click, ...attributes }, words);

/** A field besides the questions, such as `_step`. @param {HTMLFormElement} form  @param {string} name */
export const field = (form, name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** Put values in the places of a text. @param {string} text  @param {Record<string, unknown>} values */
export const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name] ?? ""));

/** A number as the page's language writes it. @param {number} value */
export const written = (value) => new Intl.NumberFormat(document.documentElement.lang.split("-x-")[0]).format(value);
