// Comforts of the screens about rules and texts. Every one of them works without this file.
(() => {
  "use strict";

  // Drag a rule to its place; the order is sent with a form, as the buttons do.
  const list = document.querySelector("[data-sortable]");
  const form = list && document.getElementById(list.dataset.sortable);
  if (form && window.Sortable) {
    window.Sortable.create(list, {
      handle: "[data-grip]",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
      ghostClass: "dragged",
      chosenClass: "held",
      onUpdate: () => {
        form.querySelectorAll("[name=rule]").forEach((old) => old.remove());
        list.querySelectorAll("[data-rule]").forEach((item) => {
          const field = document.createElement("input");
          field.type = "hidden";
          field.name = "rule";
          field.value = item.dataset.rule;
          form.append(field);
        });
        form.requestSubmit();
      },
    });
  }

  // A variable goes where the cursor is.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    const field = button && document.getElementById(button.dataset.insert);
    if (!field) return;
    const at = field.selectionStart ?? field.value.length;
    const to = field.selectionEnd ?? at;
    field.setRangeText(button.textContent, at, to, "end");
    field.focus();
  });

  // A long look at the past goes on by itself until it is done.
  const goOn = () => {
    const button = document.querySelector("[data-goes-on]");
    if (button && !button.dataset.pressed) {
      button.dataset.pressed = "yes";
      setTimeout(() => { if (button.isConnected) button.form.requestSubmit(button); }, 120);
    }
  };
  document.addEventListener("htmx:after:swap", goOn);
  goOn();
})();
