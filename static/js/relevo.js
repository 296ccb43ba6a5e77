// Small comforts. Every page works without this file.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  // Buttons that need this file are hidden until it runs.
  const ready = (scope) => scope.querySelectorAll("[data-needs-js]").forEach((el) => { el.hidden = false; });

  // Copy the text of the element that the button names.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const label = button.querySelector("[data-label]");
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return;
    }
    const before = label.textContent;
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = before; }, 1600);
  });

  // Selects that change the form they are in press that form's refresh button.
  document.addEventListener("change", (event) => {
    const id = event.target.dataset && event.target.dataset.presses;
    const button = id && document.getElementById(id);
    if (button) button.form.requestSubmit(button);
  });

  // Show or hide a password.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal]");
    if (!button) return;
    const field = document.getElementById(button.dataset.reveal);
    field.type = field.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(field.type === "text"));
  });

  // Tabs wider than the window: the current one is brought into view, and the side that has more is told.
  document.querySelectorAll(".tabs").forEach((tabs) => {
    const told = () => {
      tabs.classList.toggle("more-left", tabs.scrollLeft > 4);
      tabs.classList.toggle("more-right", tabs.scrollLeft + tabs.clientWidth < tabs.scrollWidth - 4);
    };
    const current = tabs.querySelector("[aria-current]");
    if (current) tabs.scrollLeft = current.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2;
    tabs.addEventListener("scroll", told, { passive: true });
    addEventListener("resize", told, { passive: true });
    told();
  });

  // The browser knows the time zone better than our default.
  const zone = document.querySelector("[data-time-zone]");
  if (zone && !zone.dataset.chosen) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...zone.options].some((option) => option.value === here)) zone.value = here;
  }

  // An answer that is not the part that was asked for (an error page, the login) takes nothing away
  // from a form: what was typed stays, and a notice says so.
  const notDone = () => {
    document.querySelector(".toast")?.remove();
    const note = document.createElement("p");
    note.className = "note danger toast";
    note.setAttribute("role", "alert");
    note.textContent = document.body.dataset.notDone;
    document.body.append(note);
    setTimeout(() => note.remove(), 12000);
  };
  const ofForm = (ctx) => ctx && ctx.sourceElement && ctx.sourceElement.closest("form");
  document.addEventListener("htmx:after:request", (event) => {
    const ctx = event.detail.ctx;
    const part = ofForm(ctx) && /^#[\w-]+$/.test(ctx.select || "") && ctx.select.slice(1);
    const leaves = ctx.hx && (ctx.hx.redirect || ctx.hx.location || ctx.hx.refresh);
    if (!part || leaves || String(ctx.text).includes(`id="${part}"`)) return;
    event.preventDefault();
    notDone();
  });
  document.addEventListener("htmx:error", (event) => {
    if (ofForm(event.detail.ctx)) notDone();
  });

  // What was refused is shown where it can be seen: the first wrong field, or the notice that says why.
  let saving = false;
  document.addEventListener("submit", (event) => { saving = event.submitter?.value === "save"; }, true);
  document.addEventListener("htmx:after:swap", () => {
    ready(document);
    if (!saving) return;
    saving = false;
    const wrong = document.querySelector("main [aria-invalid=true]");
    if (wrong) wrong.focus({ preventScroll: true });
    (wrong || document.querySelector("main [role=alert]"))?.scrollIntoView({ block: wrong ? "center" : "start" });
  });
  ready(document);
})();
