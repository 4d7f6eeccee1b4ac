// Conditions on the phone: the same trees and the same rules as survey/questionnaire/evaluation.py (XPath 1.0's, made total).
// tests/vectors/logic.json holds both to one reading.

/** @typedef {number | string | boolean | Array<any>} Tree */
/** @typedef {string | number | boolean | string[]} Value */
/** @typedef {Record<string, string | number | string[]>} Answers */

const SILENT = new Set(["prefer_not_to_say", "dont_know"]);
const DAY = 86_400_000;

/**
 * Whether a condition is true of clean answers.
 * @param {Tree} tree
 * @param {Answers} answers
 * @param {{own?: string | number | string[], today?: string}} [more]  the answer that a constraint judges; today in Beijing
 */
export function holds(tree, answers, more = {}) {
  return asBoolean(valueOf(tree, answers, more));
}

/**
 * What an expression comes to.
 * @param {Tree} tree
 * @param {Answers} answers
 * @param {{own?: string | number | string[], today?: string}} [more]
 * @returns {Value}
 */
export function valueOf(tree, answers, more = {}) {
  if (!Array.isArray(tree)) return tree;
  const [operation, ...parts] = tree;
  const value = (/** @type {Tree} */ part) => valueOf(part, answers, more);
  switch (operation) {
    case "q": return answered(Object.hasOwn(answers, parts[0]) ? answers[parts[0]] : undefined);
    case ".": return answered(more.own);
    case "choice": return "";
    case "and": return asBoolean(value(parts[0])) && asBoolean(value(parts[1]));
    case "or": return asBoolean(value(parts[0])) || asBoolean(value(parts[1]));
    case "if": return value(asBoolean(value(parts[0])) ? parts[1] : parts[2]);
    case "today": return more.today ?? "";
    default: return FUNCTIONS[operation](...parts.map(value));
  }
}

/** @param {string | number | string[] | undefined} answer  @returns {Value} */
function answered(answer) {
  return answer === undefined || (typeof answer === "string" && SILENT.has(answer)) ? "" : answer;
}

/** @param {Value} value */
export function asBoolean(value) {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** @param {Value} value */
export function asNumber(value) {
  if (typeof value === "number" || typeof value === "boolean") return Number(value);
  const text = asText(value);
  if (/^[ \t\r\n]*-?[0-9]+(\.[0-9]+)?[ \t\r\n]*$/.test(text)) return Number(text);
  const day = /^([1-9][0-9]{3})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (!day) return NaN;
  const moment = Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3]));
  return new Date(moment).toISOString().startsWith(text) ? moment / DAY : NaN;
}

/** @param {Value} value */
export function asText(value) {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.join(" ");
  if (value === 0) return "0";
  return Math.abs(value) >= 1e-6 && Math.abs(value) < 1e15 ? String(value) : "";
}

/** @param {Value} value */
const chosen = (value) => (Array.isArray(value) ? value : asText(value).split(" ").filter(Boolean));

/** @param {Value} left  @param {Value} right */
function areEqual(left, right) {
  if (typeof left === "boolean" || typeof right === "boolean") return asBoolean(left) === asBoolean(right);
  if (typeof left === "number" || typeof right === "number") return asNumber(left) === asNumber(right);
  return asText(left) === asText(right);
}

/** @param {(numbers: number[]) => number} choose */
const among = (choose) => (/** @type {Value[]} */ ...values) => choose(values.map(asNumber));

/** @type {Record<string, (...values: any[]) => Value>} */
const FUNCTIONS = {
  "=": areEqual,
  "!=": (one, other) => !areEqual(one, other),
  "<": (one, other) => asNumber(one) < asNumber(other),
  "<=": (one, other) => asNumber(one) <= asNumber(other),
  ">": (one, other) => asNumber(one) > asNumber(other),
  ">=": (one, other) => asNumber(one) >= asNumber(other),
  "+": (one, other) => asNumber(one) + asNumber(other),
  "-": (one, other) => asNumber(one) - asNumber(other),
  "*": (one, other) => asNumber(one) * asNumber(other),
  div: (one, other) => asNumber(one) / asNumber(other),
  mod: (one, other) => asNumber(one) % asNumber(other),
  selected: (given, wanted) => chosen(given).includes(asText(wanted)),
  "count-selected": (given) => chosen(given).length,
  not: (value) => !asBoolean(value),
  coalesce: (first, second) => (asText(first) ? first : second),
  "string-length": (value) => [...asText(value)].length,
  number: asNumber,
  // Plus zero: no negative zero.
  int: (value) => Math.trunc(asNumber(value)) + 0,
  round: (value) => Math.floor(asNumber(value) + 0.5),
  min: among((numbers) => Math.min(...numbers)),
  max: among((numbers) => Math.max(...numbers)),
  contains: (text, part) => asText(text).includes(asText(part)),
  "starts-with": (text, part) => asText(text).startsWith(asText(part)),
  "ends-with": (text, part) => asText(text).endsWith(asText(part)),
  date: (value) => value,
};
