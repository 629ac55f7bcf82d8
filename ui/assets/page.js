// The page's own behaviour. No request leaves this site; text is only ever set as textContent.
(() => {
  const body = document.body;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const narrow = matchMedia("(max-width: 860px)");

  const view = (name) => {
    const columns = document.getElementById("dl-columns");
    if (columns) columns.dataset.view = name;
    for (const tab of document.querySelectorAll(".dl-switch [data-view]")) {
      tab.setAttribute("aria-pressed", String(tab.dataset.view === name));
    }
  };

  // The reader: mark what was clicked, then bring the quoted words into view.
  let opened = null;
  const opening = (button) => {
    if (!button.closest("#dl-pane")) opened = button;
    for (const other of document.querySelectorAll(".dl-open")) other.classList.remove("dl-open");
    button.classList.add("dl-open");
    const box = button.closest(".dl-citebox");
    if (box) box.classList.add("dl-hush");
    if (narrow.matches) view("reader");
    setTimeout(show, 0);
  };
  const show = () => {
    const pane = document.querySelector("#dl-pane .dl-body");
    if (!pane) return;
    const here = document.getElementById("dl-here");
    const behavior = calm.matches ? "instant" : "smooth";
    if (!here) { pane.scrollTo({ top: 0, behavior: "instant" }); return; }
    if (narrow.matches) { here.scrollIntoView({ block: "center", behavior }); return; }
    const top = here.getBoundingClientRect().top - pane.getBoundingClientRect().top;
    pane.scrollTo({ top: pane.scrollTop + top - pane.clientHeight / 3, behavior });
  };
  const back = () => {
    view("answer");
    if (opened && opened.isConnected) opened.focus();
  };

  const goto = (name) => {
    for (const tab of document.querySelectorAll('[role="tab"]')) {
      if (tab.textContent.trim() === name) { tab.click(); tab.focus(); return; }
    }
  };
  window.dateline = { opening, show };

  // Quotes beside citations: kept inside the window.
  const place = (event) => {
    const box = event.target.closest && event.target.closest(".dl-citebox");
    if (!box) return;
    const tip = box.querySelector(".dl-tip");
    const at = box.getBoundingClientRect();
    const width = Math.min(380, innerWidth - 24);
    tip.style.width = `${width}px`;
    tip.style.left = `${Math.max(12, Math.min(at.left - 24, innerWidth - width - 12))}px`;
    const below = at.bottom + 6 + tip.offsetHeight < innerHeight || at.top < tip.offsetHeight + 6;
    tip.style.top = `${below ? at.bottom + 6 : at.top - 6 - tip.offsetHeight}px`;
  };
  document.addEventListener("mouseover", place);
  document.addEventListener("focusin", place);
  const loud = (event) => {
    const box = event.target.closest && event.target.closest(".dl-citebox");
    if (box && !box.contains(event.relatedTarget)) box.classList.remove("dl-hush");
  };
  document.addEventListener("mouseout", (event) => {
    if (!document.activeElement?.closest(".dl-citebox")?.contains(event.target)) loud(event);
  });
  document.addEventListener("focusout", loud);

  // A report takes seconds to make; until its frame has it, the page says so.
  document.addEventListener("load", (event) => {
    event.target.closest?.(".dl-report")?.classList.add("dl-loaded");
  }, true);

  // Keys: Esc stops the answer, hides a quote, or leads back from the reader on a phone.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const box of document.querySelectorAll(".dl-citebox:hover, .dl-citebox:focus-within")) {
      box.classList.add("dl-hush");
    }
    const stop = document.getElementById("dl-stop");
    if (stop && stop.offsetParent !== null) stop.click();
    else if (narrow.matches && document.querySelector('#dl-columns[data-view="reader"]')) back();
  });

  const copied = async (button, text) => {
    const name = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = name; }, 1500);
  };
  window.dateline.copied = copied;
  const dark = (on) => {
    body.classList.toggle("dark", on);
    try { localStorage.setItem("dateline-dark", on ? "1" : "0"); } catch { /* private mode */ }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button");
    if (!button) return;
    if (button.dataset.copy !== undefined) copied(button, button.dataset.copy);
    else if (button.classList.contains("dl-back")) back();
    else if (button.dataset.view) view(button.dataset.view);
    else if (button.dataset.goto) goto(button.dataset.goto);
    else if (button.id === "dl-dark") dark(!body.classList.contains("dark"));
    else if (button.id === "dl-send" || button.dataset.ask) view("answer");
  });
  try {
    const chosen = localStorage.getItem("dateline-dark");
    if (chosen !== null) dark(chosen === "1");
  } catch { /* private mode */ }

  // The state of models and archive, until they are ready and then now and then.
  let known = null;
  const tell = (health) => {
    known = health || known; // the head of the page is drawn anew when the archive changes
    const pill = document.getElementById("dl-state");
    if (!pill || !known) return;
    health = known;
    pill.dataset.state = health.state;
    if (pill.textContent !== health.message) pill.textContent = health.message;
  };
  const watch = async () => {
    let wait = 1000;
    try {
      const health = await (await fetch("./api/health", { cache: "no-store" })).json();
      tell(health);
      if (health.state === "ready" && !health.waiting) wait = 5000;
    } catch {
      tell({ state: "failed", message: "Dateline is not running" });
      wait = 3000;
    }
    setTimeout(watch, wait);
  };
  window.dateline.tell = tell;
  view("answer");
  watch();
})();
