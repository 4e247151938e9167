// A form whose words travel only as messages: nothing that is typed or shown becomes widget state, so nothing
// of it can be saved into a notebook. Text is set as text, never as markup.
const make = (tag, attributes = {}, ...children) => {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) one.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) one.setAttribute(name, String(value));
  }
  one.append(...children.filter((child) => child !== null));
  return one;
};

function render({ model, el }) {
  // each form loads this file for itself: ids are told apart by more than a count
  const own = Math.random().toString(36).slice(2);
  let counted = 0;
  const root = make("div", { class: "wb-sheet" });
  el.append(root);
  const shown = new Map();
  const pending = new Map();

  const send = (message) => model.send(message);
  const flush = (name) => {
    const wait = pending.get(name);
    if (wait === undefined) return;
    clearTimeout(wait.timer);
    pending.delete(name);
    send({ do: "change", name, value: wait.value() });
  };
  const flushAll = () => [...pending.keys()].forEach(flush);
  const soon = (name, value) => {
    clearTimeout(pending.get(name)?.timer);
    pending.set(name, { value, timer: setTimeout(() => flush(name), 300) });
  };

  const lines = (box, told) => {
    box.replaceChildren(
      ...(told ?? []).map((line) =>
        make("div", { class: `wb-line ${line.tone ?? ""}` }, document.createTextNode(line.text))));
    box.hidden = !(told ?? []).length;
  };

  const options = (select, field) => {
    select.replaceChildren(
      ...(field.options ?? []).map(([label, value]) => {
        const one = make("option", { value });
        one.textContent = label;
        return one;
      }));
    select.value = field.value ?? "";
  };

  const controls = {
    text: (field, id) => typed(make("input", { id, type: "text", autocomplete: "off" }), field),
    day: (field, id) => typed(make("input", { id, type: "text", inputmode: "numeric", placeholder: "2026-11-16",
      autocomplete: "off", size: 12 }), field),
    area: (field, id) => typed(make("textarea", { id, rows: field.rows ?? 3, spellcheck: "true" }), field),
    choice: (field, id) => picked(make("select", { id }), field),
    list: (field, id) => picked(make("select", { id, size: field.size ?? 6 }), field),
    check: (field, id) => {
      const box = make("input", { id, type: "checkbox" });
      box.checked = Boolean(field.value);
      box.addEventListener("change", () => send({ do: "change", name: field.name, value: box.checked }));
      return { control: box, set: (value) => { box.checked = Boolean(value); } };
    },
    many: (field, id) => {
      const box = make("div", { id, class: "wb-many", role: "group" });
      const draw = (value) => box.replaceChildren(
        ...(field.options ?? []).map(([label, one]) => {
          const tick = make("input", { type: "checkbox", value: one });
          tick.checked = (value ?? []).includes(one);
          tick.addEventListener("change", () => send({ do: "change", name: field.name,
            value: [...box.querySelectorAll("input:checked")].map((each) => each.value) }));
          return make("label", {}, tick, document.createTextNode(` ${label}`));
        }));
      draw(field.value);
      return { control: box, set: draw };
    },
  };

  function typed(control, field) {
    control.value = field.value ?? "";
    const value = () => control.value;
    control.addEventListener("input", () => soon(field.name, value));
    control.addEventListener("change", () => {
      if (!pending.has(field.name)) soon(field.name, value);
      flush(field.name);
    });
    return { control, set: (to) => {
      if (control.value === to || pending.has(field.name)) return;
      control.value = to;
    } };
  }

  function picked(select, field) {
    options(select, field);
    select.addEventListener("change", () => {
      flushAll();
      send({ do: "change", name: field.name, value: select.value });
    });
    return { control: select, set: (to) => { select.value = to; },
      choose: (list, value) => options(select, { options: list, value }) };
  }

  function build(field) {
    if (field.kind === "group") {
      const title = field.title ? make("legend", {}) : null;
      if (title) title.textContent = field.title;
      const box = make("fieldset", { class: `wb-group ${field.look ?? ""}` }, title,
        ...field.fields.map(build));
      box.hidden = Boolean(field.hidden);
      shown.set(field.name, { box, patch: (to) => {
        if ("hidden" in to) box.hidden = to.hidden;
        if ("title" in to && title) title.textContent = to.title;
      } });
      return box;
    }
    if (field.kind === "button") {
      const button = make("button", { type: "button", class: `wb-button ${field.look ?? ""}`,
        "data-name": field.name, title: field.hint });
      button.textContent = field.label;
      button.disabled = Boolean(field.disabled);
      button.hidden = Boolean(field.hidden);
      button.addEventListener("click", () => {
        flushAll();
        send({ do: "press", name: field.name });
      });
      shown.set(field.name, { box: button, patch: (to) => {
        if ("disabled" in to) button.disabled = to.disabled;
        if ("hidden" in to) button.hidden = to.hidden;
        if ("label" in to) button.textContent = to.label;
      } });
      return button;
    }
    if (field.kind === "note") {
      const title = make("div", { class: "wb-title" });
      title.textContent = field.title ?? "";
      title.hidden = !field.title;
      const body = make("div", { role: field.live ? "status" : null, "aria-live": field.live ? "polite" : null });
      const box = make("div", { class: `wb-note ${field.look ?? ""}`, "data-name": field.name }, title, body);
      lines(body, field.lines);
      body.hidden = false;
      const empty = () => { box.hidden = Boolean(field.hidden) || (!field.title && !(field.lines ?? []).length); };
      empty();
      shown.set(field.name, { box, patch: (to) => {
        Object.assign(field, to);
        title.textContent = field.title ?? "";
        title.hidden = !field.title;
        lines(body, field.lines);
        body.hidden = false;
        empty();
      } });
      return box;
    }
    counted += 1;
    const id = `wb-${own}-${counted}`;
    const made = controls[field.kind](field, id);
    made.control.setAttribute("data-name", field.name);
    const label = make("label", field.kind === "many" ? { id: `${id}-l` } : { for: id });
    label.textContent = field.label ?? "";
    if (field.kind === "many") made.control.setAttribute("aria-labelledby", `${id}-l`);
    const hint = make("span", { class: "wb-hint" });
    hint.textContent = field.hint ?? "";
    const told = make("div", { class: "wb-told", id: `${id}-t`, "aria-live": "polite" });
    made.control.setAttribute("aria-describedby", `${id}-t`);
    lines(told, field.told);
    const look = `wb-field ${field.kind} ${field.look ?? ""}`;
    const box = field.kind === "check"
      ? make("div", { class: look }, made.control, label, hint, told)
      : make("div", { class: look }, make("div", { class: "wb-label" }, label, hint), made.control, told);
    box.hidden = Boolean(field.hidden);
    const state = (to) => {
      if ("told" in to) {
        lines(told, to.told);
        made.control.toggleAttribute("aria-invalid", (to.told ?? []).some((line) => line.tone === "wrong"));
      }
    };
    state(field);
    shown.set(field.name, { box, patch: (to) => {
      if ("options" in to && made.choose) made.choose(to.options, to.value ?? made.control.value);
      if ("options" in to && !made.choose) field.options = to.options;
      if ("value" in to) made.set(to.value);
      if ("hint" in to) hint.textContent = to.hint;
      if ("hidden" in to) box.hidden = to.hidden;
      state(to);
    } });
    return box;
  }

  const receive = (message) => {
    if (message.do === "show") {
      const active = root.contains(document.activeElement) ? document.activeElement.dataset.name : null;
      pending.forEach((wait) => clearTimeout(wait.timer));
      pending.clear();
      shown.clear();
      root.replaceChildren(...message.fields.map(build));
      const again = active && [...root.querySelectorAll("[data-name]")].find((one) => one.dataset.name === active);
      if (again) again.focus();
    } else if (message.do === "patch") {
      for (const [name, to] of Object.entries(message.fields)) shown.get(name)?.patch(to);
    } else if (message.do === "focus") {
      [...root.querySelectorAll("[data-name]")].find((one) => one.dataset.name === message.name)?.focus();
    }
  };
  // JupyterLab has keys of its own, such as Shift+Enter, which runs the cell
  root.addEventListener("keydown", (event) => {
    if (!(event.shiftKey && event.key === "Enter")) event.stopPropagation();
  });
  model.on("msg:custom", receive);
  send({ do: "ready" });
  return () => {
    flushAll();
    model.off("msg:custom", receive);
  };
}

export default { render };
