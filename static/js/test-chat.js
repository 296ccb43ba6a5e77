// The test chat, live. Without this file the form posts and the page loads anew.
(() => {
  "use strict";
  const thread = document.getElementById("tc-thread");
  const trace = document.getElementById("tc-trace");
  const form = document.getElementById("tc-form");
  const text = document.getElementById("tc-text");
  if (!thread || !form || !window.EventSource) return;

  // The server sends whole parts that it has escaped itself.
  const live = new EventSource(thread.dataset.live);
  live.addEventListener("thread", (event) => { thread.innerHTML = event.data; });
  live.addEventListener("trace", (event) => { trace.innerHTML = event.data; });
  window.addEventListener("pagehide", () => live.close());

  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    const isTap = Boolean(button && button.name === "tap");
    if (!isTap && !text.value.trim()) { event.preventDefault(); text.focus(); return; }
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    if (isTap) { body.set("tap", button.value); body.delete("text"); }
    const typed = text.value;
    if (!isTap) text.value = "";
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "hx-request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
    } catch {
      if (!isTap) text.value = typed;
      HTMLFormElement.prototype.submit.call(form);
      return;
    }
    text.focus();
  });
  text.focus({ preventScroll: true });
})();
