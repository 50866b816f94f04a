// What the page does beyond Gradio: buttons of our own markup, the language remembered, names that
// screen readers need, and leaving when the session has ended.

import { ask, given, view } from "./bridge.js";
import { openChip } from "./chips.js";
import { closeCatalogue, openCatalogue } from "./catalogue.js";
import { closePanel, fitChart, isPhone, openEvidence, savePicture } from "./evidence.js";
import { download, sort } from "./table.js";
import { openThread, openThreadMenu } from "./threads.js";

const closeSidebar = () => document.querySelector(".sidebar.open .toggle-button")?.click();

const ACTIONS = {
  ask: (button) => {
    closeCatalogue();
    if (isPhone()) closeSidebar();
    ask({ question: given(button).question });
  },
  catalogue: openCatalogue,
  "close-catalogue": closeCatalogue,
  chart: (button) => view({ do: "chart", form: given(button).type }),
  chip: openChip,
  "close-panel": closePanel,
  download,
  evidence: openEvidence,
  open: (button) => {
    if (isPhone()) closeSidebar();
    openThread(button);
  },
  picture: savePicture,
  sort,
  "thread-menu": openThreadMenu,
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[name]");
  if (button && Object.hasOwn(ACTIONS, button.name)) ACTIONS[button.name](button);
  if (isPhone() && event.target.closest?.("#newchat")) closeSidebar();
  if (event.target.closest?.("#panel button[role=tab]")) setTimeout(fitChart, 100);
});

const name = (language) => {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
};
document.addEventListener("change", (event) => {
  if (!event.target.closest?.("#lang")) return;
  const language = event.target.value;
  document.cookie = `sextant_language=${language};path=/;max-age=31536000;samesite=strict`;
  name(language);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closePanel();
});

// Gradio gives a message its markup as label, and its send button none: a screen reader needs the
// message's text and the button's purpose.
new MutationObserver(() => {
  const send = document.querySelector("#box button:not([aria-label])");
  const question = document.querySelector("#box label span");
  if (send && question) send.setAttribute("aria-label", question.textContent);
  const chosen = document.querySelector("#lang input:checked");
  if (chosen) name(chosen.value);
  for (const message of document.querySelectorAll("#chat .selectable[aria-label]"))
    message.removeAttribute("aria-label");
  for (const thread of document.querySelectorAll("#threads .on .opener:not([aria-current])"))
    thread.setAttribute("aria-current", "true");
  for (const chip of document.querySelectorAll("#chat button.chip:not([aria-haspopup])"))
    chip.setAttribute("aria-haspopup", "dialog");
}).observe(document.documentElement, { childList: true, subtree: true });

const plainFetch = window.fetch;
window.fetch = async (...request) => {
  const response = await plainFetch(...request);
  if (response.status === 401) window.location.assign("/login");
  return response;
};

const onReady = new MutationObserver(() => {
  if (!document.querySelector("#account .who")) return;
  onReady.disconnect();
  if (isPhone()) closeSidebar();
});
onReady.observe(document.documentElement, { childList: true, subtree: true });
