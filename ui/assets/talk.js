// Conversations on the page: address, keyboard focus, renaming, forms. Runs after page.js.
(() => {
  // What cannot be undone asks once more, in the button itself.
  const sure = (button) => {
    if (button.dataset.sure) return true;
    const name = button.textContent;
    button.dataset.sure = "1";
    button.textContent = "Delete for good?";
    const calmed = () => { delete button.dataset.sure; button.textContent = name; };
    button.addEventListener("blur", calmed, { once: true });
    setTimeout(calmed, 5000);
    return false;
  };

  // Focus survives that a part of the page is drawn anew: it goes to what looks the same.
  let last = null;
  const key = (node) => {
    const { do: what, ask, field, name, judgement, open, start } = node.dataset;
    return [node.tagName, node.name, what, ask, field, name, judgement, open, start].join("|");
  };
  document.addEventListener("focusin", (event) => {
    const box = event.target.closest(".html-container, [id^=dl-]");
    last = { box: box && box.closest("[id^=dl-]"), key: key(event.target) };
  });
  const drawn = (element) => {
    const first = element.querySelector("form [name]:not([type=hidden])");
    const fresh = first && !element.dataset.formed && element.closest("#dl-bar");
    element.dataset.formed = first ? "1" : "";
    if (fresh) first.focus();
    else if (document.activeElement === document.body && last && last.box && last.box.contains(element)) {
      const same = [...element.querySelectorAll("button, input, textarea, select")];
      const form = element.closest("#dl-bar") ? same[0] : null;
      const again = same.find((node) => key(node) === last.key) || form;
      if (again) again.focus();
    }
    dateline.marked();
    dateline.arrived();
    arrival();
  };

  // When the person pauses, the server makes ready what stands in the box, and throws it away when
  // that changes. A question that is sent takes it along, so its leaving the box is no change.
  const PAUSE = 700, LETTERS = 12, WORDS = 3;
  let pausing = null, told = "";
  const tell = (text) => {
    if (text === told) return;
    told = text;
    document.dispatchEvent(new CustomEvent("dl-paused", { detail: text }));
  };
  const typing = (text) => {
    clearTimeout(pausing);
    if (text.trim() !== told) tell("");
    const words = text.trim().split(/\s+/).length;
    if (text.trim().length < LETTERS || words < WORDS) return;
    pausing = setTimeout(() => tell(text.trim()), PAUSE);
  };
  document.addEventListener("input", (event) => {
    if (event.target.closest && event.target.closest("#dl-question")) typing(event.target.value);
  });

  // A question that was sent leaves its box at once, so that what is typed next is not lost when
  // the server answers. It comes back when nothing was made of it.
  const READ = 40, PATIENCE = 8000;
  let sent = null;
  const box = () => document.querySelector("#dl-question textarea");
  const turn = () => document.querySelector("#dl-answer .dl-answer")?.dataset.turn;
  const fill = (text) => {
    box().value = text;
    box().dispatchEvent(new Event("input", { bubbles: true }));
  };
  const sending = () => {
    const text = box().value;
    const busy = document.getElementById("dl-stop")?.offsetParent || (sent && !sent.back);
    if (!text.trim() || busy) return;
    const mine = { text, before: turn(), back: false };
    sent = mine;
    clearTimeout(pausing);
    told = "";
    dateline.asking();
    setTimeout(() => { if (box().value === text) fill(""); }, READ); // gradio has read it by then
    setTimeout(() => { if (sent === mine && !box().value) { mine.back = true; fill(text); } }, PATIENCE);
  };
  const arrival = () => {
    if (!sent || turn() === sent.before) return;
    if (sent.back && box().value === sent.text) fill("");
    sent = null;
  };
  document.addEventListener("keypress", (event) => {
    const asks = event.key === "Enter" && !event.shiftKey;
    if (asks && event.target.closest("#dl-question")) sending();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("#dl-send")) sending();
  });

  const renaming = (button) => {
    const entry = button.closest(".dl-entry");
    const form = entry.querySelector(".dl-rename");
    form.hidden = !form.hidden;
    entry.classList.toggle("dl-renaming", !form.hidden);
    if (!form.hidden) { const box = form.querySelector("input"); box.focus(); box.select(); }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button");
    if (!button) return;
    if (button.dataset.rename !== undefined) renaming(button);
    else if (button.dataset.link !== undefined) {
      const url = new URL(button.dataset.link, location.origin + location.pathname);
      dateline.copied(button, url.href);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const form = event.target.closest && event.target.closest(".dl-rename");
    if (form) { renaming(form); form.closest(".dl-entry").querySelector("[data-rename]").focus(); }
    const close = event.target.closest && event.target.closest("#dl-bar form");
    if (close) document.querySelector('#dl-bar [data-do="close"]').click();
  });

  // Several names in one field: Enter, or a choice from its list, makes a chip of what is typed.
  const chosen = (field) => [...field.querySelectorAll(".dl-pick")].map((one) => one.dataset.value);
  const pick = (box) => {
    const field = box.closest(".dl-picks");
    const value = box.value.trim();
    box.value = "";
    if (!value || chosen(field).includes(value)) return;
    const chip = field.querySelector("template").content.firstElementChild.cloneNode(true);
    chip.dataset.value = value;
    chip.querySelector("bdi").textContent = value;
    chip.querySelector("input").value = value;
    chip.querySelector("button").setAttribute("aria-label", `Without ${value}`);
    field.insertBefore(chip, box);
  };
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest && event.target.closest(".dl-picks > input");
    if (!box) return;
    const last = [...box.parentElement.querySelectorAll(".dl-pick")].pop();
    if (event.key === "Enter" && box.value.trim()) { event.preventDefault(); pick(box); }
    else if (event.key === "Backspace" && !box.value && last) last.remove();
  });
  document.addEventListener("input", (event) => {
    const box = event.target.closest && event.target.closest(".dl-picks > input");
    if (!box || !box.list || (event.inputType && event.inputType !== "insertReplacementText")) return;
    if ([...box.list.options].some((one) => one.value === box.value)) pick(box);
  });
  document.addEventListener("click", (event) => {
    const drop = event.target.closest && event.target.closest(".dl-pick button");
    if (!drop) return;
    const box = drop.closest(".dl-picks").querySelector(":scope > input");
    drop.closest(".dl-pick").remove();
    box.focus();
  });
  Object.assign(window.dateline, { sure, drawn });
})();
