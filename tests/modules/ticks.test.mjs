// How many statements are ticked, and ticking all of them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ticked, toggleAll } from "../../frontend/modules/ticks.mjs";

const boxes = (...states) => states.map((checked) => ({ checked }));

test("only ticked boxes count", () => {
  assert.equal(ticked([]), 0);
  assert.equal(ticked(boxes(true, false, true)), 2);
});

test("all are ticked unless all are ticked already", () => {
  const some = boxes(true, false);
  toggleAll(some);
  assert.deepEqual(some, boxes(true, true));
  toggleAll(some);
  assert.deepEqual(some, boxes(false, false));
});
