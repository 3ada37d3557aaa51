"use strict";
(() => {
  const THEMES = ["system", "light", "dark"];
  const KEY = "sfn-fragments-theme";

  // A browser may keep a page on a disk from storing anything: the theme then lasts for the page.
  const kept = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const keep = (theme) => { try { localStorage.setItem(KEY, theme); } catch { /* see above */ } };

  function show(theme) {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  let theme = THEMES.includes(kept()) ? kept() : "system";
  show(theme);

  function switchTheme() {
    const button = document.getElementById("theme");
    const name = document.getElementById("theme-name");
    name.textContent = theme;
    button.hidden = false;
    button.addEventListener("click", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      keep(theme);
      show(theme);
      name.textContent = theme;
    });
  }

  function shortcut() {
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      document.getElementById("find").focus();
    });
  }

  function copying() {
    if (!navigator.clipboard) return;
    for (const block of document.querySelectorAll(".code")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        const code = block.querySelector("code").cloneNode(true);
        for (const prompt of code.querySelectorAll(".prompt")) prompt.remove();
        try {
          await navigator.clipboard.writeText(code.textContent);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Not allowed";
        }
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
      block.append(button);
    }
  }

  function following() {
    const links = [...document.querySelectorAll(".contents a")];
    if (!links.length) return;
    const sections = links.map((link) => document.getElementById(link.hash.slice(1)));
    const mark = () => {
      const passed = sections.filter((each) => each.getBoundingClientRect().top < 140).length;
      links.forEach((link, index) => link.classList.toggle("current", index === Math.max(passed - 1, 0)));
    };
    document.addEventListener("scroll", mark, { passive: true });
    mark();
  }

  // The address says what is searched for, so that a link leads there: #q=copy&keyword=s3. The
  // search of the other pages comes as ?q=, which needs no script there.
  function asked() {
    const given = new URLSearchParams(location.hash.slice(1));
    const sent = new URLSearchParams(location.search);
    const from = given.has("q") || given.has("keyword") ? given : sent;
    return { text: from.get("q") ?? "", keyword: from.get("keyword") ?? "" };
  }

  function searching() {
    const form = document.getElementById("search");
    if (!form || !window.catalogue) return;
    const input = document.getElementById("find");
    const words = [...document.querySelectorAll("[data-keyword]")];
    const cards = new Map([...document.querySelectorAll("[data-name]")].map((card) => [card.dataset.name, card]));
    let keyword = "";

    function update() {
      const needed = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const entry of window.catalogue) {
        const own = entry.text.toLowerCase();
        const missing = needed.filter((word) => !own.includes(word));
        const places = entry.places.filter((place) => {
          const text = place.text.toLowerCase();
          return missing.some((word) => text.includes(word));
        });
        const all = `${own} ${places.map((place) => place.text.toLowerCase()).join(" ")}`;
        const fits = missing.every((word) => all.includes(word)) && (!keyword || entry.keywords.includes(keyword));
        const card = cards.get(entry.name);
        card.hidden = !fits;
        shown += fits ? 1 : 0;
        list(card.querySelector(".found"), entry, fits ? best(places, missing) : []);
      }
      for (const group of document.querySelectorAll(".group:has(.card)")) {
        group.hidden = !group.querySelector(".card:not([hidden])");
      }
      for (const word of words) word.setAttribute("aria-pressed", String(word.dataset.keyword === keyword));
      const count = window.catalogue.length;
      const fragments = count === 1 ? "fragment" : "fragments";
      const all = shown === count && !needed.length && !keyword;
      document.getElementById("count").textContent = all ? `${count} ${fragments}` : `${shown} of ${count} ${fragments}`;
      document.getElementById("nothing").hidden = shown > 0 || !count;
    }

    // Those with most of the words first, and a name before a description.
    function best(places, missing) {
      const rank = (place) => missing.filter((word) => place.text.toLowerCase().includes(word)).length * 2
        + (missing.some((word) => place.label.toLowerCase().includes(word)) ? 1 : 0);
      return [...places].sort((a, b) => rank(b) - rank(a)).slice(0, 3);
    }

    function list(element, entry, places) {
      element.replaceChildren(...places.map((place) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = `${entry.page}#${place.anchor}`;
        link.textContent = place.label;
        item.append(link);
        return item;
      }));
      element.hidden = !places.length;
    }

    function note() {
      const told = new URLSearchParams();
      if (input.value.trim()) told.set("q", input.value.trim());
      if (keyword) told.set("keyword", keyword);
      history.replaceState(null, "", `#${told}`);
    }

    function read() {
      const given = asked();
      input.value = given.text;
      keyword = given.keyword;
      update();
    }

    form.hidden = false;
    const group = document.getElementById("keywords");
    if (group) group.hidden = false;
    input.addEventListener("input", () => { update(); note(); });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const first = document.querySelector(".card:not([hidden]) h3 a");
      if (first && input.value.trim()) first.focus();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { input.value = ""; update(); note(); }
    });
    for (const word of words) {
      word.addEventListener("click", () => {
        keyword = keyword === word.dataset.keyword ? "" : word.dataset.keyword;
        update();
        note();
      });
    }
    document.getElementById("clear").addEventListener("click", () => {
      input.value = keyword = "";
      update();
      note();
      input.focus();
    });
    window.addEventListener("hashchange", read);
    read();
  }

  document.addEventListener("DOMContentLoaded", () => {
    switchTheme();
    shortcut();
    copying();
    following();
    searching();
  });
})();
