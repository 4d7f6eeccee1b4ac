// Enhances the survey page, which works without: one section at a time, conditions as one answers, a look over all answers before
// sending. Words come from the page.

import { Delivery } from "./delivery.mjs";
import { button, element, field, filled, labelOf, readItems, refresh, shownAnswer, written } from "./page.mjs";
import { enhanceWidgets } from "./widgets.mjs";

/** The survey one step at a time: the beginning, the sections, the look over all answers. */
export class Steps {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.words = JSON.parse(form.dataset.words ?? "{}");
    this.messages = JSON.parse(form.dataset.messages ?? "{}");
    this.items = readItems(form);
    this.sections = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("section[data-step]")]);
    this.summary = /** @type {HTMLElement} */ (document.getElementById("summary"));
    this.send = /** @type {HTMLElement} */ (form.querySelector('[data-step="send"]'));
    this.progress = element("progress", { max: String(this.sections.length + 1), "aria-label": this.words.progress });
    this.left = element("p", { class: "soft left" });
    this.list = element("dl", { class: "overview" });
    this.check = element(
      "section", { class: "part", "aria-labelledby": "h-check" },
      element("h2", { id: "h-check", tabindex: "-1" }, this.words.checkTitle), element("p", { class: "soft" }, this.words.checkIntro), this.list,
    );
    this.first = form.dataset.kind === "correction" ? 1 : 0;
    this.step = this.first;
  }

  /** Take over the page. */
  start() {
    this.form.classList.add("stepped");
    this.form.noValidate = true;
    this.form.before(element("div", { class: "progress" }, this.progress, this.left));
    this.send.before(this.check);
    this.sections.forEach((section, index) => section.append(this.#turn(index === this.sections.length - 1 ? this.words.check : this.words.next)));
    this.check.append(this.#turn(""));
    if (this.first === 0) this.#beginning();
    this.form.addEventListener("input", () => this.refresh());
    if (this.form.dataset.kind === "answer") this.form.addEventListener("input", () => this.#begun(), { once: true });
    this.form.addEventListener("change", () => this.refresh());
    this.form.addEventListener("submit", (event) => this.#submit(event));
    addEventListener("popstate", (event) => this.show(event.state?.step ?? this.first));
    this.refresh();
    const faulty = this.form.querySelector(".question.error");
    const asked = Number(field(this.form, "_step").value);
    const first = faulty ? this.#stepOf(/** @type {HTMLElement} */ (faulty)) : history.state?.step ?? asked;
    history.replaceState({ step: first }, "");
    this.show(first, Boolean(faulty));
  }

  /** Tell once that somebody began, and by which channel: a number that joins no answer. */
  #begun() {
    navigator.sendBeacon(`${this.form.action}/started`, new URLSearchParams({ _channel: field(this.form, "_channel").value }));
  }

  /** Check what stands in the form, and show and hide accordingly. */
  refresh() {
    this.checked = refresh(this.form, this.items);
    return this.checked;
  }

  get last() {
    return this.sections.length + 1;
  }

  /** Show a step and take the person there. @param {number} step  @param {boolean} [isQuiet]  whether focus stays */
  show(step, isQuiet = false) {
    this.step = Math.max(this.first, Math.min(step, this.last));
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-step="start"]'))) part.hidden = this.step !== 0;
    document.getElementById("title")?.classList.toggle("hidden-text", this.step !== 0); // every step has it for a screen reader
    this.sections.forEach((section, index) => { section.hidden = this.step !== index + 1; });
    this.check.hidden = this.send.hidden = this.step !== this.last;
    if (this.step === this.last) this.#overview();
    /** @type {HTMLProgressElement} */ (this.progress).value = this.step;
    this.progress.parentElement?.toggleAttribute("hidden", this.step === 0);
    this.left.textContent = this.#left();
    field(this.form, "_step").value = String(this.step);
    if (this.keep) {
      if (this.step === 0) document.getElementById("q-_age")?.append(this.keep);
      else (this.step === this.last ? this.send.querySelector("p:not(.why)") : this.sections[this.step - 1].lastElementChild)?.before(this.keep);
    }
    if (isQuiet) return;
    this.summary.hidden = true;
    scrollTo(0, 0);
    [...this.sections, this.check][this.step - 1]?.querySelector("h2")?.focus({ preventScroll: true });
  }

  /** Go one step on or back, over sections that do not apply. @param {1 | -1} by */
  turn(by) {
    let step = this.step + by;
    while (step > this.first && step < this.last && this.#isEmpty(this.sections[step - 1])) step += by;
    this.go(step);
  }

  /** Whether a section does not apply, or none of its questions does. @param {HTMLElement} section */
  #isEmpty(section) {
    return section.hasAttribute("data-skipped") || !section.querySelector("[data-question]:not([hidden])");
  }

  /** @param {number} step */
  go(step) {
    history.pushState({ step }, "");
    this.show(step);
  }

  /** The questions of the step that still need a look; says so on the page. */
  #isFine() {
    const { problems } = this.refresh();
    const here = problems.filter(({ question }) => this.#stepOf(this.#of(question).element) === this.step);
    this.#tell(here.map((problem) => [this.#of(problem.question).element, labelOf(this.#of(problem.question)), this.#why(problem)]));
    return here.length === 0;
  }

  /** @param {{code: string, limit?: number, message?: string}} problem */
  #why(problem) {
    return problem.message || filled(this.messages[problem.code] ?? "", { limit: problem.limit });
  }

  /** @param {[HTMLElement, string, string][]} problems  the question's element, its words, what is wrong */
  #tell(problems) {
    for (const old of this.form.querySelectorAll(".question.error")) {
      old.classList.remove("error");
      old.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
      old.removeAttribute("aria-invalid");
      const why = old.querySelector(".why");
      if (why) /** @type {HTMLElement} */ (why).hidden = true;
    }
    this.summary.hidden = problems.length === 0;
    if (!problems.length) return;
    const list = element("ul");
    for (const [question, label, text] of problems) {
      const why = /** @type {HTMLElement} */ (question.querySelector(".why"));
      why.textContent = text;
      why.hidden = false;
      question.classList.add("error");
      (question.matches("fieldset") ? question : question.querySelector("input, textarea, select"))?.setAttribute("aria-invalid", "true");
      list.append(element("li", {}, element("a", { href: `#${question.id}` }, label), element("br"), text));
    }
    this.summary.replaceChildren(element("h2", {}, problems.length === 1 ? this.words.one : this.words.many), list);
    this.summary.scrollIntoView();
    this.summary.focus();
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    if (event.submitter?.getAttribute("name")) return;
    if (this.step !== this.last) {
      event.preventDefault();
      this.#on();
      return;
    }
    const { problems } = this.refresh();
    if (problems.length) {
      event.preventDefault();
      this.go(this.#stepOf(this.#of(problems[0].question).element));
      this.#isFine();
    } else if (this.first === 0 && !this.#isTicked("_agree")) event.preventDefault();
  }

  /** Whether a tick besides the questions is there; says what is missing. @param {string} name */
  #isTicked(name) {
    const box = field(this.form, name);
    if (box.checked) return true;
    const holder = /** @type {HTMLElement} */ (box.closest(".question"));
    this.#tell([[holder, holder.textContent?.trim() ?? "", this.messages[name] ?? ""]]);
    return false;
  }

  #on() {
    if (this.step === 0 || this.#isFine()) this.turn(1);
  }

  /** One button for both: the age and the beginning. */
  #beginning() {
    const age = field(this.form, "_age");
    const begin = button("button wide", this.words.begin, () => {
      age.checked = true;
      this.#tell([]);
      this.turn(1);
    });
    const holder = /** @type {HTMLElement} */ (age.closest(".question"));
    /** @type {HTMLElement} */ (holder.querySelector("label")).hidden = true;
    holder.append(begin);
  }

  /** Put the offer to keep a draft where the person begins; it moves along. @param {HTMLElement} label */
  keeper(label) {
    this.keep = label;
    this.show(this.step, true);
  }

  /** The buttons at the end of a step. @param {string} onwards */
  #turn(onwards) {
    const row = element("div", { class: "turn" }, button("button plain", this.words.back, () => this.turn(-1)));
    if (onwards) row.append(button("button", onwards, () => this.#on()));
    return row;
  }

  #left() {
    const open = this.sections.slice(Math.max(0, this.step - 1)).filter((section) => !this.#isEmpty(section));
    const share = this.step === this.last ? 0 : open.length / this.sections.length;
    return share ? filled(this.words.left, { minutes: written(Math.max(1, Math.round(this.words.minutes * share))) }) : "";
  }

  /** All answers, each with a way back to its question. */
  #overview() {
    const { answers, shown } = this.refresh();
    this.list.replaceChildren();
    for (const item of this.items) {
      if (!shown.has(item.id) || (item.id.endsWith("_other") && !(item.id in answers))) continue;
      const lines = shownAnswer(item, answers[item.id]);
      const change = button("link", this.words.change, () => {
        this.go(this.#stepOf(item.element));
        item.element.scrollIntoView();
        /** @type {HTMLElement | null} */ (item.element.querySelector("input, select, textarea, button"))?.focus({ preventScroll: true });
      });
      change.append(element("span", { class: "hidden-text" }, ` ${labelOf(item)}`));
      this.list.append(element(
        "div", {}, element("dt", {}, labelOf(item)),
        element("dd", lines.length ? {} : { class: "soft" }, element("bdi", {}, lines.join("\n") || this.words.none)), element("dd", {}, change),
      ));
    }
  }

  /** @param {string} id */
  #of(id) {
    return /** @type {import("./page.mjs").PageItem} */ (this.items.find((item) => item.id === id));
  }

  /** @param {HTMLElement} question */
  #stepOf(question) {
    const index = this.sections.findIndex((section) => section.contains(question));
    return index < 0 ? (question.closest('[data-step="start"]') ? 0 : this.last) : index + 1;
  }
}

if (typeof document !== "undefined") {
  const form = document.querySelector('[data-module="survey"]');
  if (form instanceof HTMLFormElement) {
    enhanceWidgets(form);
    const steps = new Steps(form);
    steps.start();
    new Delivery(form, steps).start();
    if (!document.getElementById("summary")?.hidden) document.getElementById("summary")?.focus();
    if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.register("/sw.js").catch(() => {});
  }
}
