// Conversations: rename and delete, each in a small box that says what it does.

import { complain, element, fetched, given, view, words } from "./bridge.js";
import { close, show } from "./popover.js";

export const openThread = (button) => view({ do: "open", thread: given(button).thread, search: sought() });

const sought = () => document.querySelector("#search textarea, #search input")?.value ?? "";
const refresh = (thread) => view({ do: "refresh", thread, search: sought() });
const route = (thread) => `/api/threads/${thread}`;

export const openThreadMenu = async (button) => {
  const said = await words();
  const rename = element("button", { type: "button", "data-choice": true }, said.rename);
  const remove = element("button", { type: "button", "data-choice": true, class: "remove" }, said.delete);
  rename.addEventListener("click", () => askTitle(button, said));
  remove.addEventListener("click", () => askDelete(button, said));
  show(button, given(button).name, element("div", { class: "options" }, rename, remove));
  rename.focus();
};

const askTitle = (button, said) => {
  const { thread, name } = given(button);
  const field = element("input", { type: "text", maxlength: 200, required: true, "aria-label": said.title });
  field.value = name;
  const form = element("form", { class: "stacked" }, field, actions(said, said.save, "apply"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    close();
    const body = JSON.stringify({ title: field.value });
    const headers = { "content-type": "application/json" };
    await attempt(() => fetched(route(thread), { method: "PATCH", body, headers }));
    view({ do: "refresh", thread: null, search: sought() });
  });
  close(false);
  show(button, said.rename, element("h4", {}, said.rename), form);
  field.select();
};

const askDelete = async (button, said) => {
  const { thread, name } = given(button);
  let turns = [];
  await attempt(async () => (turns = await (await fetched(route(thread))).json()));
  const question = said.delete_question.replace("{title}", name);
  const removes = said.delete_removes.replace("{count}", turns.length);
  const form = element("form", { class: "stacked" }, element("p", {}, removes), actions(said, said.delete, "danger"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    close(false);
    await attempt(() => fetched(route(thread), { method: "DELETE" }));
    refresh(thread);
  });
  close(false);
  const box = show(button, question, element("h4", {}, question), form);
  box.querySelector(".cancel").focus();
};

const actions = (said, act, look) => {
  const cancel = element("button", { type: "button", class: "cancel" }, said.cancel);
  cancel.addEventListener("click", () => close());
  return element("div", { class: "actions" }, cancel, element("button", { type: "submit", class: look }, act));
};

const attempt = async (work) => {
  try {
    await work();
  } catch (problem) {
    complain(problem);
  }
};
