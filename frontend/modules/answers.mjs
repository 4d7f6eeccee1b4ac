// From what stands in a form to clean answers or problems, as survey/questionnaire/answers.py does it. Knows no page.

import { holds } from "./logic.mjs";

/**
 * One question with one answer, as the page describes it.
 * @typedef {{id: string, type: string, relevant: any[], required: any, constraint?: any, message?: string, min?: number, max?: number,
 *   limit?: number, most?: number, refusal: boolean, unknown: boolean,
 *   choices: {value: string, when?: any, exclusive?: boolean}[]}} Item
 */
/** @typedef {{question: string, code: string, limit?: number, message?: string}} Problem */
/** @typedef {string | number | string[]} Answer */

const REFUSED = "prefer_not_to_say";
const UNKNOWN = "dont_know";
// As a double, 10¹⁸ - 1 is the same.
const LARGEST = 10 ** 18;

/**
 * @param {Item[]} items  in the order of the form
 * @param {Record<string, string[]>} raw  what stands in the form
 * @param {string} today  in Beijing, ISO 8601
 * @returns {{answers: Record<string, Answer>, problems: Problem[], shown: Set<string>}}
 */
export function checkAnswers(items, raw, today = "") {
  /** @type {Record<string, Answer>} */
  const answers = {};
  /** @type {Problem[]} */
  const problems = [];
  const shown = new Set();
  for (const item of items) {
    if (!item.relevant.every((tree) => holds(tree, answers, { today }))) continue;
    shown.add(item.id);
    const result = checkItem(item, raw[item.id] ?? [], answers, today);
    if (result && typeof result === "object" && !Array.isArray(result)) problems.push({ question: item.id, ...result });
    else if (result !== undefined) answers[item.id] = result;
  }
  return { answers, problems, shown };
}

/**
 * @param {Item} item  @param {string[]} given  @param {Record<string, Answer>} answers  @param {string} today
 * @returns {Answer | {code: string, limit?: number, message?: string} | undefined}
 */
function checkItem(item, given, answers, today) {
  const values = given.map(clean).filter(Boolean);
  for (const [nothing, isAllowed] of /** @type {[string, boolean][]} */ ([[REFUSED, item.refusal], [UNKNOWN, item.unknown]])) {
    if (!values.includes(nothing)) continue;
    if (!isAllowed) return { code: "unknown_choice" };
    return values.length > 1 ? { code: "answer_and_refusal" } : nothing;
  }
  if (!values.length) return holds(item.required, answers, { today }) ? { code: "required" } : undefined;
  const result = read(item, values, (value) => isOffered(item, value, answers, today));
  if (item.constraint === undefined || (typeof result === "object" && !Array.isArray(result))) return result;
  return holds(item.constraint, answers, { own: result, today }) ? result : { code: "constraint", message: item.message };
}

/** @param {Item} item  @param {string} value  @param {Record<string, Answer>} answers  @param {string} today */
export function isOffered(item, value, answers, today) {
  const choice = item.choices.find((one) => one.value === value);
  return choice !== undefined && (choice.when === undefined || holds(choice.when, answers, { today }));
}

/** @param {Item} item  @param {string[]} values  @param {(value: string) => boolean} offered */
function read(item, values, offered) {
  if (item.type === "select_many" || item.type === "ranking") return several(item, values, offered);
  const [value] = values;
  if (values.length > 1) return { code: "one_answer_only" };
  switch (item.type) {
    case "select_one": return offered(value) ? value : { code: "unknown_choice" };
    case "consent": return value === "yes" ? value : { code: "unknown_choice" };
    case "date": return dayText(value) ?? { code: "not_a_date" };
    case "decimal": return bounded(item, decimalNumber(value), "not_a_decimal");
    case "short_text": case "long_text": return text(item, value);
    default: return bounded(item, wholeNumber(value), "not_a_number");
  }
}

/** @param {Item} item  @param {string[]} values  @param {(value: string) => boolean} offered */
function several(item, values, offered) {
  if (!values.every(offered)) return { code: "unknown_choice" };
  const found = new Set(values);
  if (item.type === "ranking" && found.size < values.length) return { code: "chosen_twice" };
  if (found.size > 1 && item.choices.some((choice) => choice.exclusive && found.has(choice.value))) return { code: "exclusive" };
  if (item.most && found.size > item.most) return { code: "too_many", limit: item.most };
  return item.type === "ranking" ? values : item.choices.map((choice) => choice.value).filter((value) => found.has(value));
}

/** @param {Item} item  @param {number | undefined} number  @param {string} code */
function bounded(item, number, code) {
  if (number === undefined) return { code };
  if (item.min !== undefined && number < item.min) return { code: "too_small", limit: item.min };
  if (item.max !== undefined && number > item.max) return { code: "too_large", limit: item.max };
  return number;
}

/** @param {Item} item  @param {string} value */
function text(item, value) {
  const limit = item.limit ?? Infinity;
  const length = [...value].length;
  return length > limit && (length > 20 * limit || graphemes(value) > limit) ? { code: "too_long", limit } : value;
}

/** What a reader takes for one character. @param {string} value */
export function graphemes(value) {
  return "Segmenter" in Intl ? [...new Intl.Segmenter().segment(value)].length : [...value].length;
}

/** @param {string} value */
function clean(value) {
  return value.replaceAll("\0", "").replace(/\p{Surrogate}/gu, "").normalize("NFC").replace(/\r\n?/g, "\n").replace(/^[\s\x1c-\x1f\x85]+|[\s\x1c-\x1f\x85]+$/g, "");
}

/** Without spaces, full-width letters made plain, digits of any script made ASCII. @param {string} value */
function plain(value) {
  // 5² is not 52.
  if (/\p{No}/u.test(value)) return value;
  return value.normalize("NFKC").replace(/[\s\x1c-\x1f\x85]/g, "").replaceAll("−", "-").replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    // Unicode keeps the ten digits of a script together, zero first.
    let place = 0;
    const code = /** @type {number} */ (digit.codePointAt(0));
    while (place < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - place - 1))) place += 1;
    return String(place);
  });
}

/** @param {string} value */
function wholeNumber(value) {
  const digits = plain(value);
  // Plus zero: no negative zero.
  return /^-?[0-9]{1,18}$/.test(digits) ? Number(digits) + 0 : undefined;
}

/** @param {string} value */
function decimalNumber(value) {
  const digits = plain(value);
  const match = /^(-?)([0-9]*)(?:[.,٫]([0-9]+))?$/.exec(digits);
  if (!match || !(match[2] || match[3]) || match[2].length > 18 || /^-?[1-9][0-9]{0,2}[.,][0-9]{3}$/.test(digits)) return undefined;
  const number = Number(`${match[1]}${match[2] || 0}.${match[3] ?? 0}`);
  if (Math.abs(number) >= LARGEST) return undefined;
  return Number(number.toFixed(6)) || 0;
}

/** @param {string} value */
function dayText(value) {
  const match = /^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?$/.exec(plain(value));
  if (!match) return undefined;
  const iso = `${match[1]}-${match[2].padStart(2, "0")}-${match[3].padStart(2, "0")}`;
  const moment = new Date(`${iso}T00:00:00Z`);
  const isDay = !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(iso);
  return isDay && iso >= "1900-01-01" && iso <= "2100-12-31" ? iso : undefined;
}
