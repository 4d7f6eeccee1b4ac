import assert from "node:assert/strict";
import { test } from "node:test";

import { sendOnce } from "../../frontend/modules/survey.mjs";

/** A form with as much of the DOM as the module touches. */
class Form extends EventTarget {
  buttons = [];

  querySelectorAll(selector) {
    assert.equal(selector, "[data-idle]");
    return this.buttons.filter((button) => "idle" in button.dataset);
  }
}

class Button {
  attributes = new Map();
  dataset = {};

  constructor(form, { text, name, busy }) {
    this.textContent = text;
    if (name) this.attributes.set("name", name);
    if (busy) this.dataset.busy = busy;
    form.buttons.push(this);
  }

  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  setAttribute(name, value) {
    this.attributes.set(name, value);
  }

  removeAttribute(name) {
    this.attributes.delete(name);
  }
}

function submit(form, submitter) {
  const event = new Event("submit", { cancelable: true });
  Object.defineProperty(event, "submitter", { value: submitter });
  form.dispatchEvent(event);
  return event;
}

function prepared() {
  const form = new Form();
  const page = new EventTarget();
  const send = new Button(form, { text: "보내기", busy: "보내는 중 …" });
  const language = new Button(form, { text: "العربية", name: "_switch" });
  sendOnce(form, page);
  return { form, page, send, language };
}

test("a second tap does not send again", () => {
  const { form, send } = prepared();

  const first = submit(form, send);
  const second = submit(form, send);

  assert.equal(first.defaultPrevented, false);
  assert.equal(second.defaultPrevented, true);
});

test("the button says that it is sending, in the page's language", () => {
  const { form, send } = prepared();

  submit(form, send);

  assert.equal(send.textContent, "보내는 중 …");
  assert.equal(send.getAttribute("aria-disabled"), "true");
});

test("the button is not disabled, or its name would be left out of the post", () => {
  const { form, send } = prepared();

  submit(form, send);

  assert.equal(send.getAttribute("disabled"), null);
});

test("changing the language is not sending: it can be done again, and sending stays possible", () => {
  const { form, send, language } = prepared();

  const changes = [submit(form, language), submit(form, language)];
  const sent = submit(form, send);

  assert.deepEqual(changes.map((event) => event.defaultPrevented), [false, false]);
  assert.equal(language.textContent, "العربية");
  assert.equal(sent.defaultPrevented, false);
});

test("who comes back by the browser's back button can send again", () => {
  const { form, page, send } = prepared();
  submit(form, send);

  page.dispatchEvent(new Event("pageshow"));
  const again = submit(form, send);

  assert.equal(send.dataset.idle, "보내기");
  assert.equal(again.defaultPrevented, false);
});

test("who comes back sees the button's own words", () => {
  const { form, page, send } = prepared();
  submit(form, send);

  page.dispatchEvent(new Event("pageshow"));

  assert.equal(send.textContent, "보내기");
  assert.equal(send.getAttribute("aria-disabled"), null);
});
