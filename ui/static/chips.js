// A chip opens what it can be changed to; choosing asks anew with that part changed.

import { ask, complain, element, fetched, given, words } from "./bridge.js";
import { close, show } from "./popover.js";

const MANY = 12;

export const openChip = async (chip) => {
  const { thread, turn, step, part, at } = given(chip);
  const place = new URLSearchParams({ step, part, ...(at === null ? {} : { at }) });
  try {
    const route = `/api/threads/${thread}/turns/${turn}/menu?${place}`;
    const [menu, said] = await Promise.all([fetched(route).then((r) => r.json()), words()]);
    const edit = (change) => {
      close();
      ask({ turn, edit: change });
    };
    const box = show(chip, menu.title, ...parts(menu, said, edit));
    (box?.querySelector("[aria-current]") ?? box?.querySelector("input, button"))?.focus();
  } catch (problem) {
    complain(problem);
  }
};

const parts = (menu, said, edit) => {
  const list = element("div", { class: "options" });
  const isMany = menu.form?.kind === "values";
  let group = "";
  for (const option of menu.options) {
    if (option.group !== group && option.group)
      list.append(element("h5", { "data-group": true }, option.group));
    group = option.group;
    list.append(isMany && !option.group ? checkbox(option) : choice(option, edit));
  }
  const head = [element("h4", {}, menu.title)];
  if (menu.options.length > MANY) head.push(search(list, said));
  const foot = menu.form ? [forms[menu.form.kind](menu.form, said, edit, list)] : [];
  if (menu.remove) {
    const remove = element("button", { type: "button", class: "remove", "data-choice": true });
    remove.textContent = said.remove;
    remove.addEventListener("click", () => edit(menu.remove));
    foot.push(remove);
  }
  return [...head, list, ...foot];
};

const choice = (option, edit) => {
  const state = option.is_current ? "true" : undefined;
  const made = element("button", { type: "button", "data-choice": true, "aria-current": state });
  made.append(element("span", {}, option.label));
  if (option.hint) made.append(element("small", {}, option.hint));
  made.addEventListener("click", () => edit(option.edit));
  return made;
};

const checkbox = (option) => {
  const box = element("input", { type: "checkbox", checked: option.is_current });
  box.value = JSON.stringify(option.edit.to.values[0]);
  const label = element("label", { "data-choice": true, "data-words": option.label });
  label.append(box, element("span", {}, option.label));
  return label;
};

const search = (list, said) => {
  const field = element("input", {
    type: "search", class: "find", placeholder: said.search, "aria-label": said.search,
  });
  const none = element("p", { class: "none", hidden: true }, said.none);
  list.append(none);
  field.addEventListener("input", () => {
    const sought = field.value.trim().toLowerCase();
    const all = [...list.querySelectorAll("[data-choice]")];
    for (const item of all) item.hidden = !item.textContent.toLowerCase().includes(sought);
    for (const title of list.querySelectorAll("[data-group]")) title.hidden = sought !== "";
    none.hidden = all.some((item) => !item.hidden);
  });
  return field;
};

const form = (said, fields, submit) => {
  const made = element("form", {}, ...fields);
  made.append(element("button", { type: "submit", class: "apply" }, said.apply));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  return made;
};

const labelled = (text, field) => element("label", {}, element("span", {}, text), field);

const forms = {
  days: ({ edit: change, values, lowest, highest }, said, edit) => {
    const day = (value) =>
      element("input", { type: "date", value, min: lowest, max: highest, required: true });
    const [start, last] = values.map(day);
    start.addEventListener("change", () => (last.min = start.value));
    const fields = [labelled(said.from, start), labelled(said.to, last)];
    return form(said, fields, () =>
      edit({ ...change, to: { start: start.value, last: last.value } }),
    );
  },
  numbers: ({ edit: change, values }, said, edit) => {
    const number = (value) => element("input", { type: "number", value, step: "any", required: true });
    const fields = values.map(number);
    const labels = fields.map((field) => labelled(said.value, field));
    return form(said, labels, () =>
      edit({ ...change, to: { ...change.to, values: fields.map((f) => Number(f.value)) } }),
    );
  },
  values: ({ edit: change }, said, edit, list) =>
    form(said, [], () => {
      const chosen = [...list.querySelectorAll("input[type=checkbox]:checked")];
      const values = chosen.map((box) => JSON.parse(box.value));
      if (values.length) edit({ ...change, to: { ...change.to, values } });
    }),
};
