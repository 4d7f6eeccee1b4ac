// Enhances the survey page, which works without: a doubled tap sends once, and the error summary comes into view.

/**
 * Let a form be submitted once. The server would give a second post the same receipt; this saves the person the wait.
 * @param {HTMLFormElement} form
 * @param {EventTarget} page  fires `pageshow` when the person comes back by the browser's back button
 */
export function sendOnce(form, page) {
  let isSent = false;
  form.addEventListener("submit", (event) => {
    const button = /** @type {SubmitEvent} */ (event).submitter;
    if (button?.getAttribute("name") === "_switch") return;
    if (isSent) {
      event.preventDefault();
      return;
    }
    isSent = true;
    const busy = button?.dataset?.busy;
    if (button && busy) {
      button.dataset.idle = button.textContent ?? "";
      button.textContent = busy;
      button.setAttribute("aria-disabled", "true");
    }
  });
  page.addEventListener("pageshow", () => {
    isSent = false;
    for (const button of form.querySelectorAll("[data-idle]")) {
      button.textContent = /** @type {HTMLElement} */ (button).dataset.idle ?? "";
      button.removeAttribute("aria-disabled");
    }
  });
}

if (typeof document !== "undefined") {
  const form = document.querySelector('[data-module="survey"]');
  if (form instanceof HTMLFormElement) {
    sendOnce(form, window);
    document.getElementById("summary")?.focus();
  }
}
