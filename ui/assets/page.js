// The page's own behaviour. No request leaves this site; text is only ever set as textContent.
(() => {
  const body = document.body;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const narrow = matchMedia("(max-width: 1099px)");

  // The reader: beside the sheet on a desk; on anything narrower it slides over the sheet.
  let opened = null;
  const columns = () => document.getElementById("dl-columns");
  const view = (name) => {
    const place = columns();
    if (!place) return;
    place.dataset.view = name;
    const covered = narrow.matches && name === "reader";
    for (const id of ["dl-side", "dl-left"]) {
      document.getElementById(id)?.toggleAttribute("inert", covered);
    }
  };
  narrow.addEventListener("change", () => view("answer"));

  // Mark what was clicked, then bring the quoted words into view; a key leads there itself.
  let entering = false;
  const opening = (button, keyed) => {
    if (!button.closest("#dl-pane")) opened = button;
    for (const other of document.querySelectorAll(".dl-open")) other.classList.remove("dl-open");
    button.classList.add("dl-open");
    const box = button.closest(".dl-citebox");
    if (box) box.classList.add("dl-hush");
    entering = keyed || narrow.matches;
    dateline.went({ read: button.dataset.open, from: button.dataset.start, to: button.dataset.end });
    view("reader");
    setTimeout(show, 0);
  };
  const show = () => {
    const pane = document.querySelector("#dl-pane .dl-body");
    if (!pane) return;
    const here = document.getElementById("dl-here");
    const behavior = calm.matches ? "instant" : "smooth";
    if (!here) pane.scrollTo({ top: 0, behavior: "instant" });
    else {
      const top = here.getBoundingClientRect().top - pane.getBoundingClientRect().top;
      pane.scrollTo({ top: pane.scrollTop + top - pane.clientHeight / 3, behavior });
    }
    if (entering) (here || pane).focus({ preventScroll: true });
  };
  const shown = () => { show(); entering = false; };
  const back = () => {
    view("answer");
    if (opened && opened.isConnected) opened.focus();
  };

  // Rooms: the rail opens gradio's tabs, whose own row is not shown.
  const ROOMS = { ask: "Ask", history: "History", archive: "Archive", names: "Names", watches: "Watches", check: "Check a draft", settings: "Settings" };
  const room = (name) => {
    const place = columns();
    if (!place || !ROOMS[name]) return;
    if (place.dataset.room !== name) {
      for (const tab of document.querySelectorAll('#dl-tabs [role="tab"]')) {
        if (tab.textContent.trim() === ROOMS[name]) tab.click();
      }
      if (narrow.matches) scrollTo({ top: 0, behavior: "instant" });
    }
    place.dataset.room = name;
    marked();
  };
  const marked = () => {
    const now = columns()?.dataset.room;
    for (const button of document.querySelectorAll(".dl-nav [data-room]")) {
      if (button.dataset.room === now) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
    }
    const inside = document.querySelector("#dl-further [aria-current]") !== null;
    document.querySelector(".dl-more")?.toggleAttribute("aria-current", inside);
  };
  const sheet = (turn) => {
    const place = document.querySelector(`:is(#dl-answer, #dl-earlier) [data-turn="${CSS.escape(turn)}"]`);
    place?.scrollIntoView({ block: "start", behavior: calm.matches ? "instant" : "smooth" });
  };
  window.dateline = { opening, show: shown, room, marked, view, back, sheet, went: () => {} };

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

  // Who leaves in mid-answer breaks off a stream, which gradio's client tells the console as two
  // faults. It is none: the answer goes on, and is there after the reload. gradio hears first that
  // the page is left, so what it says is told once we have heard it too.
  const BROKEN_OFF = /AbortError|Connection errored out/;
  const told = console.error;
  let leaving = false;
  console.error = (...said) => {
    if (!BROKEN_OFF.test(said.map(String).join(" "))) told(...said);
    else setTimeout(() => { if (!leaving) told(...said); });
  };
  addEventListener("beforeunload", () => {
    leaving = true;
    setTimeout(() => { leaving = false; }, 5000); // a download leaves nothing
  });

  // Keys: Esc stops the answer, hides a quote, or leads back from the reader on a phone.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const box of document.querySelectorAll(".dl-citebox:hover, .dl-citebox:focus-within")) {
      box.classList.add("dl-hush");
    }
    const stop = document.getElementById("dl-stop");
    if (stop && stop.offsetParent !== null) stop.click();
    else if (event.target.closest("#dl-pane") || narrow.matches) closing();
  });

  // Closing the reader is going Back where opening it was going on.
  const closing = () => {
    if (columns()?.dataset.view !== "reader") return;
    if (narrow.matches && dateline.reading?.()) history.back();
    else back();
  };

  // J and K lead through the evidence, as do the buttons above the article.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { k: 0, j: 1 }[event.key];
    if (step !== undefined) document.querySelectorAll(".dl-stops button")[step]?.click();
  });

  const rich = async (address) => {
    const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    return new Blob([page.body.innerHTML], { type: "text/html" });
  };
  const copied = async (button, text) => {
    const name = button.textContent;
    try {
      if (button.dataset.rich) {
        const plain = new Blob([text], { type: "text/plain" });
        const both = { "text/plain": plain, "text/html": rich(button.dataset.rich) };
        await navigator.clipboard.write([new ClipboardItem(both)]);
      } else await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = name; }, 1500);
  };
  window.dateline.copied = copied;
  const asking = () => {
    dateline.turned?.();
    room("ask");
    view("answer");
    scrollTo({ top: 0, behavior: "instant" });
  };
  window.dateline.asking = asking;
  const dark = (on) => {
    body.classList.toggle("dark", on);
    try { localStorage.setItem("dateline-dark", on ? "1" : "0"); } catch { /* private mode */ }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button");
    if (!button) return;
    if (button.dataset.copy !== undefined) copied(button, button.dataset.copy);
    else if (button.dataset.print !== undefined) print();
    else if (button.classList.contains("dl-back")) closing();
    else if (button.id === "dl-dark") dark(!body.classList.contains("dark"));
    else if (button.id === "dl-send" || button.dataset.ask) asking();
    if (button.dataset.do || button.dataset.ask) dateline.turned?.();
    const place = button.dataset.room;
    if (place) {
      button.closest("[popover]")?.hidePopover();
      dateline.went({ room: place });
      room(place);
      view("answer");
    }
    if (button.dataset.sheet !== undefined) sheet(button.dataset.sheet);
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
  watch();
})();
