import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { checkAnswers } from "../../frontend/modules/answers.mjs";
import { asBoolean, holds, valueOf } from "../../frontend/modules/logic.mjs";

const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
const LOGIC = read("logic.json").vectors;
const ANSWERS = read("answers.json").vectors;

/** A value as the vectors write it: JSON has no NaN, no infinity, and none of its readers here keeps a negative zero. */
function asWritten(value) {
  if (typeof value !== "number") return value;
  return Object.is(value, -0) ? "-0" : Number.isFinite(value) ? value : String(value);
}

test("there are enough vectors", () => {
  assert.ok(LOGIC.length >= 220);
  assert.ok(ANSWERS.length >= 80);
});

for (const { expression, tree, answers = {}, own, today = "", value } of LOGIC) {
  test(`${expression.slice(0, 60)} with ${JSON.stringify(answers)}`, () => {
    const found = valueOf(tree, answers, { own, today });

    assert.deepEqual(asWritten(found), value);
    assert.equal(holds(tree, answers, { own, today }), asBoolean(found));
  });
}

for (const { item, raw, before = {}, today = "", answers = {}, problems = [] } of ANSWERS) {
  test(`${item.type} ${JSON.stringify(raw).slice(0, 60)}`, () => {
    const earlier = Object.keys(before).map((id) => (
      { id, type: "short_text", relevant: [], required: false, limit: 200, refusal: true, unknown: false, choices: [] }
    ));
    const given = Object.fromEntries(Object.entries(before).map(([id, text]) => [id, [text]]));

    const found = checkAnswers([...earlier, item], { ...given, q: raw }, today);

    for (const id of Object.keys(before)) delete found.answers[id];
    assert.deepEqual(found.answers, answers);
    assert.deepEqual(found.problems.map((problem) => JSON.parse(JSON.stringify(problem))), problems);
  });
}
