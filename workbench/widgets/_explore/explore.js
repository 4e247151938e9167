// Explore: filters, map, weeks, table, record and export of one audience's view.
// Everything shown comes from Python in `fixed`, `shown`, `record`, `then` and `told`; text is only ever set
// as text, never as markup. What is chosen goes back as {do: ...}; Python decides what is shown of it.

const SVG = "http://www.w3.org/2000/svg";

function h(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (["checked", "value", "disabled"].includes(name)) made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((one) => one !== null && one !== undefined));
  return made;
}

function s(tag, props = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const number = (n) => n.toLocaleString("en");
const count = (n, one, many) => `${number(n)} ${n === 1 ? one : many}`;
const pressed = (event) => event.key === "Enter" || event.key === " ";

function render({ model, el }) {
  const fixed = model.get("fixed");
  let chosen = copied(model.get("shown").selection);
  let sort = model.get("shown").sort;
  let years = 1;
  let timer = null;

  function copied(said) {
    return JSON.parse(JSON.stringify(said));
  }
  function send() {
    clearTimeout(timer);
    timer = setTimeout(() => model.send({ do: "select", selection: chosen, sort }), 60);
  }
  function toggle(facet, value) {
    const now = new Set(chosen.values[facet] || []);
    if (!now.delete(value)) now.add(value);
    if (now.size) chosen.values[facet] = [...now].sort();
    else delete chosen.values[facet];
    send();
  }
  function clear() {
    chosen = { values: {}, days: [null, null], weeks: [], text: "", rows: [] };
    search.value = from.value = to.value = "";
    send();
  }

  // ---- the frame, made once; what changes is put into it --------------------------------------------
  const summary = h("div", { class: "summary", role: "status" });
  const chips = h("div", { class: "chips" });
  const facets = h("div", { class: "facets" });
  const map = h("div", { class: "map" });
  const weeks = h("div", { class: "weeks" });
  const past = h("div", { class: "past" });
  const table = h("div", { class: "rows" });
  const record = h("section", { class: "record", "aria-label": "Record", tabindex: "-1", hidden: true });
  const told = h("div", { class: "told" });
  const search = h("input", {
    type: "search", id: `${fixed.id}-search`, value: chosen.text,
    oninput: () => { chosen.text = search.value; send(); },
  });
  const from = day(0), to = day(1);
  function day(which) {
    const made = h("input", {
      type: "date", value: chosen.days[which] || "", min: fixed.window[0], max: fixed.window[1],
      "aria-label": which ? "Last day" : "First day",
      onchange: () => { chosen.days[which] = made.value || null; send(); },
    });
    return made;
  }
  const save = (kind, label) => h("button", {
    class: "action", onclick: () => model.send({ do: "export", kind, selection: chosen }),
  }, label);
  const head = fixed.head;
  el.classList.add("wb-explore");
  // JupyterLab takes arrows and letters for itself, "d d" for removing a cell: not while the keyboard is here
  el.addEventListener("focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"));
  el.replaceChildren(
    h("header", {},
      h("strong", { class: "marking" }, head.marking),
      h("span", {}, ` · ${head.edition} · ${head.area} · ${head.days}`),
      head.fiction ? h("span", { class: "quiet" }, ` · ${head.fiction}`) : null),
    summary, chips,
    h("div", { class: "page" },
      h("aside", { "aria-label": "Filters" },
        h("label", { for: search.id, class: "name" }, "Search"), search,
        h("p", { class: "quiet" }, fixed.searched),
        fixed.has_days ? h("div", {}, h("div", { class: "name" }, "Days"),
          h("div", { class: "days" }, from, h("span", {}, "–"), to)) : null,
        facets),
      h("div", { class: "found" },
        h("div", { class: "pair" }, map, h("div", { class: "time" }, weeks, past)),
        table, record,
        h("div", { class: "save" },
          save("csv", "Save the selection as CSV"), save("xlsx", "Save as Excel"), told))));

  // ---- what changes ---------------------------------------------------------------------------------
  function again(place, draw) {
    // the keyboard stays where it was, though what it was on is made anew
    const held = place.contains(document.activeElement) && document.activeElement.dataset.at;
    place.replaceChildren(...draw());
    if (held) place.querySelector(`[data-at="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  }

  function drawSummary(shown) {
    summary.replaceChildren(
      h("b", {}, count(shown.rows, "row", "rows")),
      ` of ${number(shown.of)} · `,
      h("b", {}, count(shown.incidents, "incident", "incidents")),
      ` counted. `, h("span", { class: "quiet" }, shown.how));
  }

  function drawChips(shown) {
    const all = shown.chips.map(([facet, value, label]) => h("button", {
      class: "chip", "data-at": `${facet}:${value}`, "aria-label": `Take out: ${label}`,
      onclick: () => {
        if (facet === "days") { chosen.days = [null, null]; from.value = to.value = ""; }
        else if (facet === "text") { chosen.text = search.value = ""; }
        else if (facet === "weeks" || facet === "rows") chosen[facet] = [];
        else return toggle(facet, value);
        send();
      },
    }, label, h("span", { "aria-hidden": "true" }, " ×")));
    if (all.length) all.push(h("button", { class: "plain", "data-at": "clear", onclick: clear }, "Clear all"));
    return all;
  }

  const open = new Set(["event_type"]);
  function drawFacets(shown) {
    return fixed.facets.map(({ name, label }) => {
      const some = shown.facets[name];
      const on = new Set(chosen.values[name] || []);
      const list = some.map(([value, words, n]) => h("label", { class: n ? "" : "none" },
        h("input", {
          type: "checkbox", checked: on.has(value), "data-at": `${name}=${value}`,
          onchange: () => toggle(name, value),
        }),
        h("span", { class: "value" }, words), h("span", { class: "n" }, number(n))));
      if (shown.cut[name]) list.push(h("p", { class: "quiet" }, `and ${number(shown.cut[name])} more; search for them`));
      const made = h("details", {
        open: open.has(name) || on.size > 0,
        ontoggle: () => (made.open ? open.add(name) : open.delete(name)),
      }, h("summary", { "data-at": name }, label, on.size ? h("span", { class: "n" }, ` ${on.size} chosen`) : null),
      h("div", { class: "list" }, ...list));
      return made;
    });
  }

  function drawMap(shown) {
    const drawn = fixed.map;
    if (!drawn) return [h("h4", {}, "Where"), h("p", { class: "quiet" }, fixed.no_map)];
    const on = new Set(chosen.values.district || []);
    const lines = (id, crossed) => s("pattern", { id, width: 7, height: 7, patternUnits: "userSpaceOnUse" },
      s("path", { d: crossed ? "M0 7L7 0M0 0L7 7" : "M0 7L7 0", stroke: "#a3adb8", "stroke-width": 0.7 }));
    const svg = s("svg", {
      viewBox: `0 0 ${drawn.width} ${drawn.height}`, role: "group", "aria-label": "Map of districts",
      style: `max-width: ${drawn.width}px`,
    }, s("defs", {}, lines(`${fixed.id}-silent`), lines(`${fixed.id}-outside`, true)));
    const over = [], texts = [];
    for (const one of drawn.districts) {
      const { n, state, fill, ink, says } = shown.districts[one.code];
      const area = s("path", {
        d: one.path, fill, stroke: "#8792a0", "stroke-width": 0.9, class: "district", tabindex: 0, role: "button",
        "aria-pressed": on.has(one.code), "aria-label": `${one.name}: ${says}`, "data-at": one.code,
        onclick: () => toggle("district", one.code),
        onkeydown: (event) => { if (pressed(event)) { event.preventDefault(); toggle("district", one.code); } },
      }, s("title", {}));
      area.firstChild.textContent = `${one.name}: ${says}`;
      svg.append(area);
      const hatch = { no_report: "silent", no_coverage: "outside" }[state];
      if (hatch) over.push(s("path", { d: one.path, fill: `url(#${fixed.id}-${hatch})`, "pointer-events": "none" }));
      if (on.has(one.code)) {
        over.push(s("path", { d: one.path, fill: "none", stroke: "#ffffff", "stroke-width": 4.5, "pointer-events": "none" }),
          s("path", { d: one.path, fill: "none", stroke: "#b4451f", "stroke-width": 2.5, "pointer-events": "none" }));
      }
      if (one.leader) texts.push(s("line", { ...one.leader, stroke: "#1d2733", "stroke-width": 0.8 }));
      for (const line of one.lines) {
        const text = s("text", {
          x: line.x, y: line.y, "font-size": line.size, "text-anchor": "middle", "pointer-events": "none",
          "font-weight": line.number ? 700 : 400, fill: one.outside ? "#1d2733" : ink,
          stroke: one.outside ? "#ffffff" : fill, "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke",
        });
        text.textContent = line.number ? n : line.text;
        texts.push(text);
      }
    }
    const dots = shown.points.map(([x, y, row, says]) => {
      const dot = s("circle", { cx: x, cy: y, r: 2.6, class: "dot", onclick: () => model.send({ do: "open", row }) }, s("title", {}));
      dot.firstChild.textContent = says;
      return dot;
    });
    svg.append(...over, ...dots, ...texts);
    return [h("h4", {}, "Where"), svg, h("p", { class: "quiet" }, shown.map_note)];
  }

  let anchor = null, focused = null;
  function drawWeeks(shown) {
    if (!fixed.weeks.length) return [h("h4", {}, "When"), h("p", { class: "quiet" }, "These readers are not given days, so there are no weeks.")];
    const first = years === 1 ? Math.max(0, fixed.weeks.length - 53) : 0;
    const some = shown.weeks.slice(first), names = fixed.weeks.slice(first);
    const wide = Math.max(300, weeks.clientWidth || 560), high = 164, bottom = 140, left = 26;
    const most = Math.max(4, ...some.map(([n]) => n ?? 0));
    const step = (wide - left - 2) / some.length, y = (n) => bottom - (bottom - 10) * n / most;
    const on = new Set(chosen.weeks);
    const svg = s("svg", { viewBox: `0 0 ${wide} ${high}`, width: wide, height: high, role: "group", "aria-label": "Weeks" });
    const unit = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((one) => most / one <= 4) || most;
    for (let n = 0; n <= most; n += unit) {
      svg.append(s("line", { x1: left, x2: wide, y1: y(n), y2: y(n), stroke: n ? "#d5dbe1" : "#1d2733", "stroke-width": 0.8 }));
      const mark = s("text", { x: left - 5, y: y(n) + 4, "text-anchor": "end", class: "axis" });
      mark.textContent = number(n);
      svg.append(mark);
    }
    const says = h("p", { class: "says", "aria-live": "polite" });
    const tell = (at) => { says.textContent = `${names[at].told}: ${some[at][2]}`; };
    const choose = (at, more) => {
      const day = names[at].day;
      if (more && anchor !== null) {
        const [a, b] = [Math.min(anchor, at), Math.max(anchor, at)];
        chosen.weeks = names.slice(a, b + 1).map((one) => one.day);
      } else {
        anchor = at;
        chosen.weeks = on.size === 1 && on.has(day) ? [] : [day];
      }
      focused = at;
      send();
    };
    const stop = Math.min(focused ?? some.length - 1, some.length - 1);
    some.forEach(([n, state], at) => {
      const x = left + at * step, picked = on.has(names[at].day);
      const group = s("g", {
        class: "week", role: "button", tabindex: at === stop ? 0 : -1, "data-at": names[at].day,
        "aria-pressed": picked, "aria-label": `${names[at].told}: ${some[at][2]}`,
        onfocus: () => tell(at), onpointerenter: () => tell(at),
        onkeydown: (event) => {
          const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: some.length - 1 }[event.key];
          if (pressed(event)) { event.preventDefault(); choose(at, event.shiftKey); }
          else if (to !== undefined && svg.querySelectorAll(".week")[to]) { event.preventDefault(); svg.querySelectorAll(".week")[to].focus(); }
        },
      }, s("rect", { x, y: 4, width: step, height: bottom, fill: "transparent" }));
      if (picked) group.append(s("rect", { x: x + 0.5, y: 6, width: step - 1, height: bottom - 6, fill: "#e3e8ed" }));
      const quiet = on.size && !picked;
      if (n === null) {
        group.append(s("line", { x1: x + step * 0.25, x2: x + step * 0.75, y1: bottom - 4, y2: bottom - 4, stroke: "#5f6b78", "stroke-width": state === "no_data" ? 0.8 : 2 }));
      } else {
        const hollow = state === "unsettled";
        group.append(s("rect", {
          x: x + step * 0.12, y: n ? y(n) : bottom - 1, width: step * 0.76, height: n ? bottom - y(n) : 1,
          fill: hollow ? "#ffffff" : quiet ? "#8e9cac" : "#1d2733", stroke: hollow ? (quiet ? "#8e9cac" : "#1d2733") : "none",
        }));
      }
      if (picked) group.append(s("rect", { x, y: bottom + 1, width: step, height: 4, fill: "#b4451f" }));
      svg.append(group);
    });
    const every = Math.ceil(56 / step);
    names.forEach((one, at) => {
      if ((names.length - 1 - at) % every || (left + (at + 0.5) * step < left + 12)) return;
      const text = s("text", { x: Math.min(left + (at + 0.5) * step, wide - 14), y: high - 6, "text-anchor": "middle", class: "axis" });
      text.textContent = one.name;
      svg.append(text);
    });
    // a drag over weeks chooses all between its ends
    const place = (event) => Math.floor(((event.clientX - svg.getBoundingClientRect().left) * wide / svg.getBoundingClientRect().width - left) / step);
    let start = null;
    svg.addEventListener("pointerdown", (event) => { start = place(event); svg.setPointerCapture?.(event.pointerId); });
    svg.addEventListener("pointerup", (event) => {
      const end = place(event);
      if (start === null || !names[start] || !names[end]) { start = null; return; }
      if (end === start) choose(start, event.shiftKey);
      else { anchor = start; choose(end, true); }
      start = null;
    });
    svg.addEventListener("pointermove", (event) => { if (names[place(event)]) tell(place(event)); });
    tell(stop);
    return [
      h("h4", {}, "When ", h("button", {
        class: "plain", "data-at": "years",
        onclick: () => { years = 3 - years; anchor = focused = null; again(weeks, () => drawWeeks(model.get("shown"))); },
      }, years === 1 ? "show two years" : "show one year")),
      svg, says,
      h("p", { class: "quiet" }, "Incidents a week. Hollow: still being reported. A dash: no data, or nobody can say. Drag over weeks, or click one and then another with Shift."),
    ];
  }

  function drawPast() {
    const moments = fixed.moments;
    if (moments.length < 2) return [];
    const then = model.get("then");
    const at = then.at ?? moments.length - 1;
    const slider = h("input", {
      type: "range", min: 0, max: moments.length - 1, step: 1, value: at, "data-at": "slider",
      "aria-label": "As known on", "aria-valuetext": moments[at],
      oninput: () => { label.textContent = moments[slider.value]; slider.setAttribute("aria-valuetext", moments[slider.value]); },
      onchange: () => model.send({ do: "then", at: Number(slider.value), selection: chosen }),
    });
    const label = h("b", {}, moments[at]);
    return [
      h("div", { class: "slider" }, h("span", {}, "As known on "), label, slider),
      ...(then.lines || []).map((line) => h("p", {}, line)),
    ];
  }

  function drawTable(shown) {
    if (!shown.table.length) return [h("p", {}, shown.empty)];
    const heads = fixed.columns.map(({ name, label, right }) => h("th", {
      scope: "col", class: right ? "right" : "",
      "aria-sort": sort[0] === name ? (sort[1] ? "ascending" : "descending") : "none",
    }, h("button", {
      class: "plain", "data-at": `sort ${name}`,
      onclick: () => { sort = [name, sort[0] === name ? !sort[1] : !right]; send(); },
    }, label, h("span", { "aria-hidden": "true" }, sort[0] === name ? (sort[1] ? " ▲" : " ▼") : ""))));
    const on = new Set(chosen.rows);
    const rows = shown.table.map(([row, ...cells], at) => h("tr", {
      class: `${on.has(row) ? "on" : ""} ${model.get("record").row === row ? "open" : ""}`,
      onclick: (event) => { if (!event.target.closest("input, button")) model.send({ do: "open", row }); },
    }, h("td", {}, h("input", {
      type: "checkbox", checked: on.has(row), "aria-label": `Choose row ${at + 1}`, "data-at": `row ${row}`,
      onchange: () => {
        if (!on.delete(row)) on.add(row);
        chosen.rows = [...on].sort((a, b) => a - b);
        send();
      },
    })), ...cells.map((cell, place) => h("td", { class: fixed.columns[place].right ? "right" : fixed.columns[place].name },
      place ? cell : h("button", {
        class: "plain", "data-at": `open ${row}`, "aria-label": `Open the record of ${cell}`,
        onclick: () => model.send({ do: "open", row }),
        onkeydown: (event) => {
          const next = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          const other = next && event.target.closest("tr")[next > 0 ? "nextElementSibling" : "previousElementSibling"];
          if (other) { event.preventDefault(); other.querySelector("td button").focus(); }
        },
      }, cell)))));
    return [
      h("div", { class: "scroll" }, h("table", {},
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "unseen" }, "Chosen")), ...heads)),
        h("tbody", {}, ...rows))),
      h("p", { class: "quiet" }, shown.table_note),
    ];
  }

  function drawRecord() {
    const said = model.get("record");
    record.hidden = said.row === undefined;
    if (record.hidden) return [];
    const close = () => {
      model.send({ do: "close" });
      table.querySelector(`[data-at="open ${said.row}"]`)?.focus();
    };
    record.onkeydown = (event) => { if (event.key === "Escape") close(); };
    return [
      h("h4", {}, said.title, h("button", { class: "plain close", onclick: close }, "Close")),
      h("div", { class: "pair" },
        h("dl", {}, ...said.cells.flatMap(([name, meaning, text]) => [
          h("dt", { title: meaning }, name), h("dd", {}, text)])),
        h("div", { class: "history" }, h("h5", {}, "How it came to be known"),
          said.history.length ? h("ol", {}, ...said.history.map(({ when, what, changes }) => h("li", {},
            h("b", {}, when), h("span", {}, ` ${what}`),
            changes.length ? h("ul", {}, ...changes.map(([name, was, now]) => h("li", {},
              h("span", { class: "quiet" }, `${name}: `), h("s", {}, was), " → ", h("span", { class: "now" }, now)))) : null)))
            : null,
          said.note ? h("p", { class: "quiet" }, said.note) : null)),
    ];
  }

  function drawTold() {
    const said = model.get("told");
    told.className = `told${said.wrong ? " wrong" : ""}`;
    told.setAttribute("role", said.wrong ? "alert" : "status");
    told.replaceChildren(...(said.text || "").split("\n").filter(Boolean).map((line) => h("div", {}, line)));
  }

  function draw() {
    const shown = model.get("shown");
    drawSummary(shown);
    again(chips, () => drawChips(shown));
    again(facets, () => drawFacets(shown));
    again(map, () => drawMap(shown));
    again(weeks, () => drawWeeks(shown));
    again(table, () => drawTable(shown));
  }
  const redrawRecord = () => {
    again(record, drawRecord);
    again(table, () => drawTable(model.get("shown")));
    if (!record.hidden) { record.scrollIntoView({ block: "nearest" }); record.focus({ preventScroll: true }); }
  };
  const redrawPast = () => again(past, drawPast);
  const heard = { "change:shown": draw, "change:record": redrawRecord, "change:then": redrawPast, "change:told": drawTold };
  for (const [event, act] of Object.entries(heard)) model.on(event, act);
  draw();
  redrawPast();
  drawTold();
  again(record, drawRecord);
  let width = 0;
  const watch = new ResizeObserver(() => {
    if (weeks.clientWidth !== width) { width = weeks.clientWidth; again(weeks, () => drawWeeks(model.get("shown"))); }
  });
  watch.observe(weeks);
  return () => {
    watch.disconnect();
    for (const [event, act] of Object.entries(heard)) model.off(event, act);
  };
}

export default { render };
