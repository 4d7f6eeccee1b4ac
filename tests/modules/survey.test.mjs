import assert from "node:assert/strict";
import { test } from "node:test";

import { isPassing, newId, waitBefore } from "../../frontend/modules/delivery.mjs";
import { filled } from "../../frontend/modules/page.mjs";

test("a text is filled in by name, however often and in any order", () => {
  assert.equal(filled("%(b)s of %(a)s, %(b)s", { a: 1, b: "two" }), "two of 1, two");
  assert.equal(filled("no more than %(limit)s", { limit: 0 }), "no more than 0");
  assert.equal(filled("%(missing)s.", {}), ".");
  assert.equal(filled("100 % (all)", { all: "x" }), "100 % (all)");
});

test("trying again helps where the server is busy or broken, not where it has answered", () => {
  assert.deepEqual([429, 500, 502, 503, 599].filter(isPassing), [429, 500, 502, 503, 599]);
  assert.deepEqual([200, 303, 400, 403, 409, 410, 413, 422].filter(isPassing), []);
});

test("the waits grow to a minute and stay there", () => {
  const waits = Array.from({ length: 40 }, (_, tries) => waitBefore(tries));

  assert.deepEqual(waits.slice(0, 5), [5_000, 10_000, 20_000, 40_000, 60_000]);
  assert.ok(waits.slice(4).every((wait) => wait === 60_000));
});

test("a new id is what the server takes for one, and never the same", () => {
  const ids = Array.from({ length: 50 }, newId);

  assert.equal(new Set(ids).size, 50);
  assert.ok(ids.every((id) => /^[A-Za-z0-9_-]{32}$/.test(id)));
});
