// The address: which conversation, which question, which article, which room. Runs after talk.js.
//
//     ?c=CONVERSATION&s=QUESTION&read=ARTICLE&at=10-20&room=archive&f=WHICH-ARTICLES
//
// What a person opens is an entry of the browser's history, so that Back closes it again.
(() => {
  const FIELDS = ["c", "s", "read", "at", "room", "f"];
  const now = () => new URLSearchParams(location.search);
  const written = (of) => {
    const kept = new URLSearchParams();
    for (const name of FIELDS) if (of.get(name)) kept.set(name, of.get(name));
    const text = kept.toString();
    return text ? `?${text}` : location.pathname;
  };
  const go = (changes, replacing) => {
    const next = now();
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    const address = written(next);
    if (address === written(now())) return;
    history[replacing ? "replaceState" : "pushState"](null, "", address);
  };

  // A link to one answer (`?answer=`) is followed to its question, and then is its own address.
  let sought = now().get("answer");
  // The page was just opened at a conversation, or Back led to one: nothing new has begun.
  let following = now().has("c") || sought !== null;
  const shown = () => ({
    c: document.querySelector("#dl-answer [data-talk]")?.dataset.talk || "",
    s: document.querySelector("#dl-answer .dl-answer")?.dataset.turn || "",
  });
  const seek = () => {
    const turn = document.querySelector(`[data-turn="${CSS.escape(sought)}"]`);
    if (!turn) return;
    sought = null;
    turn.classList.add("dl-sought");
    turn.scrollIntoView({ block: "start" });
  };
  let before = { c: "", s: "" };
  // Back led to another conversation: until it is drawn, what is still shown is no step of its own.
  // It may be gone, or another question sent before it comes: then nothing is awaited any more.
  let awaited = null;
  const arrived = () => {
    const at = shown();
    if (sought) { seek(); if (sought) return; }
    if (awaited !== null && at.c !== awaited) return;
    awaited = null;
    if (at.c === before.c && at.s === before.s) return;
    if (!at.c && following) return; // the conversation that the address names is on its way
    const known = now();
    const same = known.get("c") === at.c;
    const further = { c: at.c, s: at.s, read: "", at: "", room: "", f: "" };
    if (following) go(same ? { c: at.c } : further, true);
    else go(further, !before.c && !at.c);
    following = false;
    before = at;
  };

  // Which articles the archive's list shows: a facet is a step, a letter of a search is none. The
  // list that an address or Back names is on its way until it is drawn.
  let wished = now().get("f");
  const browse = () => document.querySelector("#dl-shelf [data-browse]")?.dataset.browse || "";
  const browsed = (f) => {
    if (wished !== null && wished !== f) return;
    wished = null;
    const was = now().get("f") || "";
    if (f === was || now().get("room") !== "archive") return;
    const but = (text) => { const of = new URLSearchParams(text); of.delete("text"); return `${of}`; };
    go({ f }, but(f) === but(was));
  };
  const browsing = () => { wished = null; };
  const box = () => document.querySelector("#dl-find textarea, #dl-find input");
  const find = (text, quietly) => {
    if (!box() || box().value === text) return;
    box().value = text;
    if (quietly) return;
    box().dispatchEvent(new Event("input", { bubbles: true }));
    box().focus();
  };

  // What stands in the box is what the list shows in the end. Answers of the server come in any
  // order, that to the opening of the page too, and gradio drops what is asked while another answer
  // is on its way. So after each the two are compared: the list follows what a person has typed and
  // where Back leads; the box follows the list where nobody has typed since the address was read.
  const PAUSE = 600, TRIES = 6;
  let typed = false, comparing = null, tries = 0;
  const expected = () => {
    const f = browse();
    const text = new URLSearchParams(f).get("text") || "";
    if (wished !== null || box().value === text) return wished ?? f;
    if (!typed) { find(text, true); return f; }
    const of = new URLSearchParams(f);
    of.delete("page");
    of.delete("text");
    return `${new URLSearchParams([...(box().value ? [["text", box().value]] : []), ...of])}`;
  };
  const compare = () => {
    if (!box() || !document.querySelector("#dl-shelf [data-browse]")) return;
    const f = expected();
    if (f === browse()) tries = 0;
    if (f === browse() || tries === TRIES) return;
    document.dispatchEvent(new CustomEvent("dl-browse", { detail: f }));
    tries += 1;
    compared(PAUSE * 2 ** tries); // it may have been dropped
  };
  const compared = (pause) => {
    clearTimeout(comparing);
    comparing = setTimeout(compare, pause);
  };
  const agree = () => compared(typed || wished !== null ? PAUSE : 0);
  document.addEventListener("input", (event) => {
    if (!event.target.closest?.("#dl-find")) return;
    browsing();
    typed = true;
    tries = 0;
    compared(PAUSE);
  });

  const went = ({ read, from, to, room }) => {
    following = false;
    const f = room === "archive" ? browse() : "";
    if (room) go({ room: room === "ask" ? "" : room, read: "", at: "", f });
    else go({ read, at: from ? `${from}-${to}` : "" });
  };
  const reading = () => now().has("read");

  const restore = () => {
    const wanted = now();
    const at = shown();
    dateline.room(wanted.get("room") || "ask");
    dateline.view(reading() ? "reader" : "answer");
    following = wanted.has("c");
    const f = wanted.get("f") || "";
    if (wanted.get("room") === "archive" && f !== browse()) {
      wished = f;
      typed = false;
      tries = 0;
      find(new URLSearchParams(f).get("text") || "", true);
      compared(PAUSE);
      document.dispatchEvent(new CustomEvent("dl-browse", { detail: f }));
    }
    if ((wanted.get("c") || "") !== at.c || reading()) {
      document.dispatchEvent(new CustomEvent("dl-route"));
    }
    if (wanted.get("c") === at.c && wanted.get("s")) dateline.sheet(wanted.get("s"));
    const c = wanted.get("c") || "";
    awaited = c === at.c ? null : c;
    before = c === at.c ? { c, s: at.s } : { c, s: wanted.get("s") || "" };
  };
  addEventListener("popstate", restore);
  const turned = () => { awaited = null; };
  Object.assign(window.dateline, { went, reading, arrived, turned, browse, browsed, browsing, find, agree });
  const begin = () => {
    if (!document.querySelector("#dl-tabs [role=tab]")) { setTimeout(begin, 50); return; }
    dateline.room(now().get("room") || "ask");
    dateline.view(reading() ? "reader" : "answer");
  };
  begin();
})();
