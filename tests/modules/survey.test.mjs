import assert from "node:assert/strict";
import { test } from "node:test";

import { isPassing, newId, waitBefore } from "../../frontend/modules/delivery.mjs";
import { filled } from "../../frontend/modules/survey.mjs";

test("words get their values by name; what has none is left out", () => {
  assert.equal(filled("Please write a number that is not above %(limit)s.", { limit: 99 }), "Please write a number that is not above 99.");
  assert.equal(filled("%(label)s: number %(num)s", { label: "图书馆", num: 2 }), "图书馆: number 2");
  assert.equal(filled("%(gone)s!", {}), "!");
});

test("only a server that is away or busy is tried again; what it refuses is not", () => {
  assert.deepEqual([200, 403, 404, 409, 410, 413, 422, 429, 500, 502, 503].filter(isPassing), [429, 500, 502, 503]);
});

test("tries come soon at first, then once a minute, however long it lasts", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 50].map(waitBefore), [5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
});

test("ids are as the server takes them, and none comes twice", () => {
  const ids = Array.from({ length: 1000 }, newId);

  assert.ok(ids.every((id) => /^[A-Za-z0-9_-]{32}$/.test(id)));
  assert.equal(new Set(ids).size, 1000);
});
