// How the page's own scripts reach the page: two hidden boxes that Gradio listens to, and our routes.

// What a button of our own markup is given, as JSON in its value.
export const given = (button) => JSON.parse(button.value || "{}");

const put = (box, wanted) => {
  const field = document.querySelector(`#${box} textarea, #${box} input`);
  field.value = JSON.stringify({ ...wanted, nonce: Date.now() });
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
export const ask = (wanted) => put("asking", wanted);
export const view = (wanted) => put("viewing", wanted);

export const language = () => (document.documentElement.lang.startsWith("zh") ? "zh" : "en");

// Ask one of our routes; what went wrong is thrown as a text for people.
export const fetched = async (path, options = {}) => {
  const separator = path.includes("?") ? "&" : "?";
  const response = await fetch(`${path}${separator}lang=${language()}`, options);
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    const detail = problem.detail;
    throw new Error(typeof detail === "string" ? detail : response.statusText);
  }
  return response;
};

const kept = {};
// The texts of these scripts, in the language of the page.
export const words = async () => {
  const now = language();
  kept[now] ??= fetched("/api/words").then((response) => response.json());
  return kept[now];
};

export const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  made.append(...children);
  return made;
};

// Say what went wrong, where a screen reader hears it too.
export const complain = async (problem) => {
  const said = (await words()).failed.replace("{detail}", problem.message ?? problem);
  const note = element("div", { class: "complaint", role: "alert" }, said);
  document.body.append(note);
  setTimeout(() => note.remove(), 6000);
};
