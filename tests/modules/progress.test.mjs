import assert from "node:assert/strict";
import { test } from "node:test";

import { bringUpToDate, follow } from "../../frontend/modules/progress.mjs";

/** An element that counts how often its text was written. */
class Part {
  writes = 0;

  constructor(name, text, attributes = {}) {
    this.attributes = new Map(Object.entries({ "data-live": name, ...attributes }));
    this.text = text;
  }

  get textContent() {
    return this.text;
  }

  set textContent(text) {
    this.writes += 1;
    this.text = text;
  }

  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  setAttribute(name, value) {
    this.attributes.set(name, value);
  }
}

function pageOf(...parts) {
  return {
    parts,
    querySelectorAll: () => parts,
    querySelector: (selector) => parts.find((part) => selector === `[data-live="${part.getAttribute("data-live")}"]`) ?? null,
  };
}

const running = (step, value) => pageOf(new Part("step", step), new Part("bar", `${value} %`, { value, max: "100" }));

test("only what changed is written", () => {
  const page = running("looking for themes", "20");

  const isRunning = bringUpToDate(page, running("looking for themes", "40"));

  const [step, bar] = page.parts;
  assert.deepEqual([isRunning, step.writes, bar.writes, bar.getAttribute("value"), bar.text], [true, 0, 1, "40", "40 %"]);
});

test("the page is left as it is once the work is over", () => {
  const page = running("storing", "90");

  assert.equal(bringUpToDate(page, pageOf()), false);
  assert.deepEqual(page.parts.map((part) => part.writes), [0, 0]);
});

test("asks until the work is over, and again after a failure", async () => {
  const page = running("reading", "0");
  const answers = [running("reading", "10"), new Error("no line"), running("storing", "90"), pageOf()];
  const seen = [];

  await follow({
    page,
    wait: async () => void seen.push(page.parts[0].text),
    finish: () => seen.push("over"),
    async ask() {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });

  assert.deepEqual(seen, ["reading", "reading", "reading", "storing", "over"]);
});
