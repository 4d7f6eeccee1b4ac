// Answers questions of Python's tests, one JSON line each: what the modules make of an expression or of a form's answers.

import { createInterface } from "node:readline";

import { checkAnswers } from "../../frontend/modules/answers.mjs";
import { valueOf } from "../../frontend/modules/logic.mjs";

/** JSON has no NaN, no infinity and no negative zero. */
const written = (value) => {
  if (typeof value !== "number") return value;
  return Object.is(value, -0) ? "-0" : Number.isFinite(value) ? value : String(value);
};

const ASKED = {
  value: ({ tree, answers, own, today }) => written(valueOf(tree, answers, { own: own ?? undefined, today })),
  check: ({ items, raw, today }) => {
    const { answers, problems, shown } = checkAnswers(items, raw, today);
    return { answers, problems, shown: [...shown] };
  },
  /** Milliseconds of the processor that each of `times` checks takes. */
  time: ({ items, raw, today, times }) => Array.from({ length: times }, () => {
    const start = process.cpuUsage();
    checkAnswers(items, raw, today);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...question } = JSON.parse(line);
  let reply;
  try {
    reply = { value: ASKED[ask](question) };
  } catch (error) {
    reply = { error: String(error.stack) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
