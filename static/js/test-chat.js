// The test chat, live. Without this file the forms post and the page loads anew.
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

  const post = async (from, body) => {
    const answer = await fetch(from.action, { method: "POST", body, headers: { "hx-request": "true" } });
    if (!answer.ok) throw new Error(String(answer.status));
  };

  document.addEventListener("submit", async (event) => {
    const from = event.target;
    if (from.id !== "tc-form" && from.id !== "tc-tap") return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(from));
    const words = text.value;
    if (from.id === "tc-tap") body.set("tap", event.submitter.value);
    else if (words.trim()) text.value = "";
    else { text.focus(); return; }
    try {
      await post(from, body);
    } catch {
      text.value = words;
      location.reload();
      return;
    }
    text.focus();
  });
  text.focus({ preventScroll: true });
})();
