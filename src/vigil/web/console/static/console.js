// What the console's pages do by themselves: keep up with what changes without losing a place or a focus, keys, times in the reader's zone.
// Forms work without it.
(() => {
  "use strict";

  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const loaded = new WeakSet(); // what was loaded into the page on request, and is not in what the server sends anew

  // Changing a part of the page into what it is to be, element by element, so that what stays the same is not touched.

  const isField = (node) => /^(INPUT|TEXTAREA|SELECT)$/.test(node.nodeName) && node.type !== "hidden";

  function sameAttributes(old, wanted) {
    for (const { name } of [...old.attributes])
      if (!wanted.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
    for (const { name, value } of wanted.attributes)
      if (old.getAttribute(name) !== value && !(name === "value" && isField(old))) old.setAttribute(name, value);
  }

  function change(old, wanted) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== wanted.nodeValue) old.nodeValue = wanted.nodeValue;
      return;
    }
    if (old.isEqualNode(wanted) || loaded.has(old)) return;
    if (old.nodeName === "TIME" && old.dateTime === wanted.dateTime) return;
    sameAttributes(old, wanted);
    if (!isField(old)) changeChildren(old, wanted);
  }

  function changeChildren(old, wanted) {
    const named = new Map([...old.children].filter((each) => each.id).map((each) => [each.id, each]));
    const stays = new Set([...wanted.children].map((each) => each.id).filter((id) => named.has(id)));
    let at = old.firstChild;
    for (const each of [...wanted.childNodes]) {
      let match = each.id ? named.get(each.id) : null;
      if (!match && !each.id && at && !at.id && at.nodeName === each.nodeName) match = at;
      if (match && match.nodeName === each.nodeName) {
        while (at && at !== match && !stays.has(at.id)) at = without(at); // what is moved loses its focus
        if (match !== at) old.insertBefore(match, at);
        at = match.nextSibling;
        change(match, each);
      } else old.insertBefore(document.importNode(each, true), at);
    }
    while (at) at = without(at);
  }

  function without(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
  }

  function put(target, fragment, live) {
    const thread = $("#thread", target);
    const pinned = thread && thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
    const focused = document.activeElement;
    if (live) keepOrder(target, fragment);
    changeChildren(target, fragment);
    if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
    htmx.process(target);
    tidy(target);
    if (thread && pinned) thread.scrollTop = thread.scrollHeight;
    else if (thread && live) noteBelow(thread);
  }

  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap: (style, target, fragment) => {
      if (style !== "morph") return false;
      put(target, fragment, false);
      return [];
    },
  });

  // The desk: rows change where they stand. New ones and a new order wait for a key, so that nothing moves under a finger.

  function keepOrder(target, fragment) {
    const old = $("[data-keep-order]", target), wanted = $("[data-keep-order]", fragment);
    if (!old || !wanted || document.hidden || !old.children.length) return;
    if (target.dataset.address !== $("#tabs", target)?.dataset.address) return;
    const coming = new Map([...wanted.children].map((row) => [row.id, row]));
    const order = [...wanted.children].map((row) => row.id).filter((id) => old.querySelector(`#${CSS.escape(id)}`));
    const rows = [...old.children].map((row) => {
      const next = coming.get(row.id);
      coming.delete(row.id);
      if (next) return next;
      const kept = row.cloneNode(true);
      kept.classList.add("gone");
      return kept;
    });
    const moved = rows.filter((row) => !row.classList.contains("gone")).some((row, place) => row.id !== order[place]);
    wanted.replaceChildren(...rows);
    $("#empty", fragment)?.remove();
    const gone = rows.filter((row) => row.classList.contains("gone")).length;
    if (!coming.size && !moved && !gone) return;
    const told = coming.size ? `${coming.size} new` : moved ? "The order has changed" : "Some are done";
    const button = document.createElement("button");
    button.type = "button";
    button.id = "show-news";
    button.append(`${told} · show `, Object.assign(document.createElement("kbd"), { textContent: "." }));
    $("#news", fragment).replaceChildren(button);
  }

  // Live: a stream says that something changed, and the page asks for its own content again, one request at a time.

  const place = $("[data-live]");
  let asking = false, again = false, whole = false;

  async function refresh(live = true) {
    whole ||= !live;
    if (asking) { again = true; return; }
    asking = true;
    try {
      const address = place.dataset.address || location.pathname + location.search;
      const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Target": place.id } });
      if (answer.status === 401) location.assign("/sign-in");
      const off = $("#off"), told = answer.headers.get("x-vigil-off");
      if (off && told) off.hidden = told !== "1";
      if (answer.ok) {
        const made = document.createElement("template");
        made.innerHTML = await answer.text();
        put(place, made.content, !whole);
        whole = false;
      }
    } catch {
      say("The connection is lost. Trying again…", true);
    } finally {
      asking = false;
      if (again) { again = false; setTimeout(refresh, $("#rows") ? 400 : 60, true); }
    }
  }

  if (place) {
    const stream = new EventSource(place.dataset.live);
    stream.addEventListener("changed", () => refresh());
    addEventListener("pagehide", () => stream.close());
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  // What is told to whoever can't see it move.

  let quiet;
  function say(text, bad = false) {
    const said = $("#said");
    said.textContent = text;
    said.className = bad ? "bad shown" : "shown";
    clearTimeout(quiet);
    quiet = setTimeout(() => (said.className = ""), bad ? 8000 : 3000);
  }
  document.addEventListener("vigil:said", (event) => say(event.detail.value));
  document.addEventListener("vigil:refused", (event) => say(event.detail.value, true));
  document.addEventListener("htmx:sendError", () => say("The connection is lost; nothing was sent.", true));

  // Times, in the reader's own zone and words.

  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const dayClock = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

  function age(at) {
    const minutes = Math.max(0, Math.floor((Date.now() - at) / 60000));
    if (minutes < 1) return "<1 min";
    if (minutes < 60) return `${minutes} min`;
    if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
    return `${Math.floor(minutes / 1440)} days`;
  }

  function tidy(within = document) {
    for (const time of $$("time", within)) {
      const at = new Date(time.dateTime);
      const today = at.toDateString() === new Date().toDateString();
      const since = age(at), day = today ? clock.format(at) : dayClock.format(at);
      const text = "age" in time.dataset ? since : "ago" in time.dataset ? (since[0] === "<" ? "just now" : `${since} ago`) : day;
      if (time.textContent !== text) time.textContent = text;
      if (!time.title) time.title = full.format(at);
    }
    const tabs = $("#tabs");
    if (tabs) document.title = tabs.dataset.title;
    const view = $("#view");
    if (tabs && view) view.value = tabs.dataset.view;
    const thread = $("#thread");
    if (thread) choose(chosen());
  }
  setInterval(() => document.hidden || tidy(), 30000);

  // Suggestions: one of those that wait is the one that the keys act on.

  let wantedId = "";
  const waiting = () => $$(".suggestion.open");
  const chosen = () => waiting().find((each) => each.id === wantedId) || waiting().at(-1);
  function choose(card) {
    for (const each of waiting()) each.classList.toggle("chosen", each === card);
  }
  document.addEventListener("focusin", (event) => {
    const card = event.target.closest?.(".suggestion.open");
    if (card) { wantedId = card.id; choose(card); }
  });

  function noteBelow(thread) {
    if (thread.scrollHeight - thread.scrollTop - thread.clientHeight > 120) say("Something new below.");
  }

  // Writing.

  const form = $("#composer"), text = $("#text");
  const draft = `draft:${location.pathname}`;

  function edit(id) {
    const answer = $(`#s-${CSS.escape(id)} .answer`);
    if (!form || !answer) return;
    $("#editing").value = id;
    $("#editing-note").hidden = false;
    text.value = answer.textContent.trim();
    whom();
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
  }

  let sent = ""; // what is on its way: what somebody has written on since stays

  function emptied() {
    text.value = "";
    sessionStorage.removeItem(draft);
    whom();
    if ($("#editing")) { $("#editing").value = ""; $("#editing-note").hidden = true; }
  }

  function whom() { // who gets what stands in the box
    const vigil = /^\s*@vigil\b/i.test(text.value), ways = $(".to-vigil", form);
    form.classList.toggle("asks", vigil);
    if (ways) { ways.hidden = !vigil; $(".to-customer", form).hidden = vigil; }
  }

  if (text) {
    if (!text.value) text.value = sessionStorage.getItem(draft) || "";
    whom();
    text.addEventListener("input", () => {
      whom();
      if (!$("#editing")?.value) sessionStorage.setItem(draft, text.value);
    });
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
    });
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("[data-clears]")) sent = text.value;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const sender = event.detail.elt;
    if (!event.detail.successful || !sender.matches("[data-clears]")) return;
    if (text.value === sent) emptied();
    else if (text.value.startsWith(sent)) text.value = text.value.slice(sent.length).trimStart();
    for (const each of $$("[data-renew]", sender)) each.value = crypto.randomUUID?.() || String(Date.now());
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.matches("[data-keep]")) {
      loaded.add(event.detail.target);
      event.detail.target.parentElement.scrollIntoView({ block: "nearest" }); // what was asked for is seen whole
    }
    tidy(event.detail.target);
  });

  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.matches("#thread details")) event.target.scrollIntoView({ block: "nearest" });
  }, true);

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    if (on("#show-news")) { refresh(false); $("#rows a")?.focus(); }
    const edits = on("[data-edits]");
    if (edits) { event.preventDefault(); edit(edits.dataset.edits); }
    if (on("[data-cancels]")) { emptied(); text.focus(); }
    if (on("[data-opens]")) $("#" + on("[data-opens]").dataset.opens).showModal();
    const leaves = on("summary.button");
    if (leaves) setTimeout(() => leaves.parentElement.open && leaves.parentElement.scrollIntoView({ block: "nearest" }));
    const selects = on("[data-selects]");
    if (selects) selects.select();
  });

  // Filters without a button, and how much of a file is on its way.

  document.addEventListener("change", (event) => event.target.form?.matches("[data-submits]") && event.target.form.requestSubmit());
  document.addEventListener("htmx:xhr:progress", (event) => {
    const sending = $("progress", event.detail.elt);
    if (!sending || !event.detail.lengthComputable) return;
    sending.hidden = false;
    sending.value = (100 * event.detail.loaded) / event.detail.total;
  });

  // Keys. Single ones can be switched off (WCAG 2.1.4), and do nothing while somebody writes.

  const toggle = $("#keys-on");
  toggle.checked = localStorage.getItem("keys") !== "off";
  toggle.addEventListener("change", () => localStorage.setItem("keys", toggle.checked ? "on" : "off"));

  function step(items, by) {
    if (!items.length) return;
    const at = items.findIndex((each) => each.contains(document.activeElement));
    const next = items[Math.min(items.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by))];
    const goal = next.matches("li") ? $("a", next) : next;
    goal.focus();
    goal.scrollIntoView({ block: "nearest" });
  }

  let before = "";
  function onKey(event) {
    if (event.key === "Escape" && event.target.matches?.("input, textarea, select")) {
      event.target.blur();
      $("#thread")?.focus({ preventScroll: true });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat || !toggle.checked) return;
    if (event.target.matches?.("input:not([type=checkbox]), textarea, select") || $("dialog[open]")) return;
    const card = chosen();
    const press = (key) => card && $(`[data-key="${key}"]`, card)?.click();
    const first = before;
    before = event.key;
    const reasons = card && $(".dismiss[open]", card);
    const does = {
      "?": () => $("#keys").showModal(),
      d: () => (first === "g" ? location.assign("/desk") : press("d")),
      z: () => press("z"),
      "/": () => $("#q")?.focus(),
      ".": () => $("#show-news")?.click(),
      j: () => step($$("#rows > li"), 1),
      i: () => first === "g" && location.assign("/insight"),
      k: () => (first === "g" ? location.assign("/knowledge") : step($$("#rows > li"), -1)),
      s: () => press("s"),
      e: () => press("e"),
      x: () => { press("x"); if (card) $(".reasons button", card)?.focus(); },
      v: () => {
        const evidence = card && $(".evidence", card);
        if (evidence) { evidence.open = !evidence.open; $("summary", evidence).focus(); }
      },
      "]": () => step(waiting(), 1),
      "[": () => step(waiting(), -1),
      r: () => text?.focus(),
      u: () => $("#ticket") && location.assign("/desk"),
    };
    if (reasons && /^[1-9]$/.test(event.key)) does[event.key] = () => $$(".reasons button", reasons)[event.key - 1]?.click();
    if (!does[event.key]) return;
    event.preventDefault();
    does[event.key]();
  }
  document.addEventListener("keydown", onKey);

  tidy();
  const thread = $("#thread");
  if (thread) thread.scrollTop = thread.scrollHeight;
})();
