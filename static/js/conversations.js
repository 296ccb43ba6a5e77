// The list follows what happens; the thread stays where the reader is. Works without this file.
(() => {
  "use strict";

  const parsed = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return [...holder.content.children];
  };
  const counted = (button, count) => {
    const words = count === 1 ? button.dataset.one : button.dataset.many.replace("%", count);
    button.querySelector("span").textContent = words;
    button.hidden = count === 0;
  };

  // ------------------------------------------------------------- the list
  const list = document.querySelector("[data-live-list]");
  if (list) {
    const most = 30;
    const news = document.getElementById("news");
    const nothing = document.getElementById("nothing");
    const waiting = new Map();
    const rank = (li) => Number(li.dataset.rank);
    const place = (li) => {
      const old = document.getElementById(li.id);
      const before = [...list.children].find((other) => other !== old && rank(other) < rank(li));
      if (old) old.remove();
      list.insertBefore(li, before || null);
      li.classList.add("fresh");
      while (list.children.length > most) list.lastElementChild.remove();
      list.hidden = false;
      if (nothing) nothing.hidden = true;
    };
    // Rows do not jump from under a pointer, a focus or a reader further down.
    const busy = () => window.scrollY > 120 || list.matches(":hover, :focus-within");
    const show = () => {
      waiting.forEach(place);
      waiting.clear();
      counted(news, 0);
    };
    const take = (li) => {
      const old = document.getElementById(li.id);
      if ("gone" in li.dataset) {
        waiting.delete(li.id);
        if (old) old.remove();
      } else if (old && (old === list.firstElementChild || rank(old) === rank(li))) {
        old.replaceWith(li);
      } else if (busy()) {
        waiting.set(li.id, li);
      } else {
        place(li);
      }
      counted(news, waiting.size);
    };
    news.addEventListener("click", () => {
      show();
      window.scrollTo({ top: 0, behavior: "smooth" });
    });
    list.addEventListener("pointerleave", () => { if (!busy()) show(); });
    const source = new EventSource(list.dataset.liveList);
    source.onmessage = (event) => parsed(event.data).forEach(take);
    window.addEventListener("pagehide", () => source.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  // Back from a conversation leads to the list as it was filtered.
  const key = "relevo-list";
  try {
    if (location.pathname === "/conversations") sessionStorage.setItem(key, location.search);
    const back = document.querySelector("[data-back]");
    const search = sessionStorage.getItem(key);
    if (back && search) back.href = `/conversations${search}`;
  } catch { /* no storage, no comfort */ }

  // Fields left empty do not litter the address.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-quiet-form]")) return;
    event.target.querySelectorAll("input, select").forEach((field) => { if (!field.value) field.disabled = true; });
    setTimeout(() => event.target.querySelectorAll(":disabled").forEach((field) => { field.disabled = false; }));
  });

  // ----------------------------------------------------------- the thread
  const thread = document.querySelector("[data-thread]");
  if (!thread) return;
  const toEnd = document.getElementById("to-end");
  let atEnd = !location.hash.startsWith("#m-");
  let unseen = 0;
  const end = () => { thread.scrollTop = thread.scrollHeight; };
  // A page of the past does not grow; its foot has the way to the newest.
  const grows = thread.hasAttribute("hx-sse:connect");
  const tell = () => {
    if (!grows) return;
    if (atEnd) unseen = 0;
    counted(toEnd, unseen);
    if (unseen === 0) toEnd.querySelector("span").textContent = toEnd.dataset.none;
    toEnd.hidden = atEnd;
  };
  thread.addEventListener("scroll", () => {
    atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 60;
    tell();
  });
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]);
    const last = added.filter((node) => node.nodeType === 1 && node === thread.lastElementChild);
    if (atEnd) end(); else unseen += last.length;
    tell();
  }).observe(thread, { childList: true });
  thread.addEventListener("load", () => { if (atEnd) end(); }, true);
  toEnd.addEventListener("click", () => { atEnd = true; end(); tell(); });
  const target = atEnd ? null : document.querySelector(location.hash);
  const middle = () => target.scrollIntoView({ block: "center" });
  if (target) {
    middle();
    // While it loads, the browser brings the address' part to the very top again.
    addEventListener("load", () => requestAnimationFrame(middle), { once: true });
  } else end();

  // Older messages come when the reader gets there, and nothing moves.
  let loading = false;
  const older = async (link) => {
    if (loading) return;
    loading = true;
    try {
      const answer = await fetch(link.dataset.older);
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const entries = parsed(await answer.text());
      const item = link.closest("li");
      const next = item.nextElementSibling;
      const height = thread.scrollHeight;
      const top = thread.scrollTop;
      item.replaceWith(...entries);
      // The day was told for the first entry of the page; it is told further up now.
      const heading = next && next.querySelector(".divider");
      const days = entries.flatMap((entry) => [...entry.querySelectorAll(".divider")]);
      const before = days[days.length - 1];
      if (heading && before && heading.textContent === before.textContent) heading.remove();
      thread.scrollTop = top + thread.scrollHeight - height;
      watch();
    } catch {
      link.removeAttribute("data-older");
    }
    loading = false;
  };
  const seen = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
      seen.unobserve(entry.target);
      older(entry.target);
    });
  }, { root: thread, rootMargin: "200px 0px 0px 0px" });
  const watch = () => thread.querySelectorAll("[data-older]").forEach((link) => seen.observe(link));
  thread.addEventListener("click", (event) => {
    const link = event.target.closest("[data-older]");
    if (!link) return;
    event.preventDefault();
    older(link);
  });
  if (thread.scrollHeight > thread.clientHeight) watch();
})();
