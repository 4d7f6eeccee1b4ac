// Keys of the inbox: what they mean, and where a step leads.
import assert from "node:assert/strict";
import { test } from "node:test";

import { meaning, stepTo } from "../../frontend/modules/inbox.mjs";

test("keys mean steps, buttons, the original and the list of keys", () => {
  assert.deepEqual(meaning({ key: "j" }, false), { kind: "step", by: 1 });
  assert.deepEqual(meaning({ key: "ArrowUp" }, false), { kind: "step", by: -1 });
  for (const key of ["a", "e", "m", "r"]) assert.deepEqual(meaning({ key }, false), { kind: "press", key });
  assert.deepEqual(meaning({ key: "o" }, false), { kind: "original" });
  assert.deepEqual(meaning({ key: "?" }, false), { kind: "keys" });
});

test("keys mean nothing in a field, with a modifier, or where they are none of ours", () => {
  assert.equal(meaning({ key: "j" }, true), null);
  for (const held of ["ctrlKey", "metaKey", "altKey"]) assert.equal(meaning({ key: "a", [held]: true }, false), null);
  for (const key of ["x", "Enter", "toString", "constructor"]) assert.equal(meaning({ key }, false), null);
});

test("a step begins at an end and stops at the other", () => {
  assert.equal(stepTo(3, -1, 1), 0);
  assert.equal(stepTo(3, -1, -1), 2);
  assert.equal(stepTo(3, 2, 1), 2);
  assert.equal(stepTo(3, 0, -1), 0);
  assert.equal(stepTo(3, 0, 1), 1);
});
