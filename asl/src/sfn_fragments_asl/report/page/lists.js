// A list of any length: only the rows that can be seen are elements.

class LongList {
  constructor({ label, height, row, open, empty }) {
    this.height = height;
    this.row = row;
    this.open = open;
    this.empty = empty || "Nothing is like this.";
    this.items = [];
    this.active = 0;
    this.chosen = -1;
    this.id = `list-${(LongList.made = (LongList.made || 0) + 1)}`;
    this.rows = el("div", { class: "rows", role: "presentation" });
    this.element = el("div", {
      class: "list", role: "listbox", tabindex: "0", "aria-label": label,
      onscroll: () => this.draw(), onkeydown: (event) => this.key(event), onclick: (event) => this.click(event),
    }, this.rows);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.element);
  }

  show(items, chosen = -1) {
    this.items = items;
    this.chosen = chosen;
    this.active = Math.max(0, Math.min(chosen < 0 ? this.active : chosen, items.length - 1));
    this.rows.style.height = `${Math.max(1, items.length) * this.height}px`;
    if (chosen >= 0) this.reveal(chosen);
    this.draw();
  }

  reveal(position) {
    const { scrollTop, clientHeight } = this.element;
    const top = position * this.height;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) {
      this.element.scrollTop = top + this.height - (clientHeight || this.height);
    }
  }

  draw() {
    if (this.items.length === 0) {
      this.rows.replaceChildren(el("div", { class: "empty", role: "option", "aria-disabled": "true", "aria-selected": "false" }, this.empty));
      this.element.removeAttribute("aria-activedescendant");
      return;
    }
    const seen = Math.ceil((this.element.clientHeight || 600) / this.height) + 1;
    const first = Math.max(0, Math.floor(this.element.scrollTop / this.height) - 5);
    const end = Math.min(this.items.length, first + seen + 10);
    const drawn = [];
    for (let position = first; position < end; position += 1) drawn.push(this.drawRow(position));
    this.rows.replaceChildren(...drawn);
    if (this.active >= first && this.active < end) {
      this.element.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
    } else {
      this.element.removeAttribute("aria-activedescendant");
    }
  }

  drawRow(position) {
    const { content, kind, title } = this.row(this.items[position]);
    const row = el("div", {
      id: `${this.id}-${position}`, role: "option", title,
      class: `item ${kind || ""} ${position === this.active ? "active" : ""}`,
      "aria-selected": String(position === this.chosen),
      "aria-posinset": position + 1, "aria-setsize": this.items.length,
    }, content);
    row.style.top = `${position * this.height}px`;
    row.style.height = `${this.height}px`;
    return row;
  }

  // By its place, since a row may have been drawn anew between press and release.
  click(event) {
    const position = Math.floor((event.clientY - this.rows.getBoundingClientRect().top) / this.height);
    if (position >= 0 && position < this.items.length) this.choose(position);
  }

  choose(position) {
    this.active = this.chosen = position;
    this.draw();
    this.open(this.items[position], position);
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in moves) {
      this.active = Math.max(0, Math.min(this.items.length - 1, this.active + moves[event.key]));
      this.reveal(this.active);
      this.draw();
    } else if ((event.key === "Enter" || event.key === " ") && this.items.length) {
      this.choose(this.active);
    } else {
      return;
    }
    event.preventDefault();
  }
}

// A field that narrows a list, and tells how many are left.
function filterField(label, act) {
  return el("input", { type: "search", placeholder: label, "aria-label": label, oninput: (event) => act(event.target.value.trim().toLowerCase()) });
}
