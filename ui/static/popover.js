// A small box beside what opened it: closed by Escape, by a click elsewhere, or by choosing.

import { element } from "./bridge.js";

let open;

export const close = (giveBack = true) => {
  if (!open) return;
  const { box, opener } = open;
  open = undefined;
  box.remove();
  opener.setAttribute("aria-expanded", "false");
  if (giveBack) opener.focus();
};

export const show = (opener, title, ...children) => {
  const again = open?.opener === opener;
  close(false);
  if (again) return undefined;
  const box = element("div", { class: "popover", role: "dialog", "aria-label": title }, ...children);
  document.body.append(box);
  place(box, opener.getBoundingClientRect());
  opener.setAttribute("aria-expanded", "true");
  open = { box, opener };
  return box;
};

const place = (box, beside) => {
  const margin = 8;
  const width = box.offsetWidth;
  const left = Math.min(beside.left, window.innerWidth - width - margin);
  box.style.left = `${Math.max(margin, left)}px`;
  const below = window.innerHeight - beside.bottom - margin;
  const isBelow = below >= Math.min(box.offsetHeight, 320) || below > beside.top;
  box.style.maxHeight = `${Math.min(440, (isBelow ? below : beside.top) - margin)}px`;
  if (isBelow) box.style.top = `${beside.bottom + 6}px`;
  else box.style.bottom = `${window.innerHeight - beside.top + 6}px`;
};

const steps = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  if (!open) return;
  if (event.key === "Escape") {
    event.stopPropagation();
    close();
  } else if (event.key === "Tab") {
    const stops = [...open.box.querySelectorAll("button, input, select")];
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement === edge) close();
  } else if (event.key in steps && event.target.type !== "date") {
    const choices = [...open.box.querySelectorAll("[data-choice]:not([hidden])")];
    const at = choices.indexOf(event.target.closest("[data-choice]")) + steps[event.key];
    choices[Math.max(0, Math.min(choices.length - 1, at))]?.focus();
    event.preventDefault();
  }
});
document.addEventListener("pointerdown", (event) => {
  if (open && !open.box.contains(event.target) && !open.opener.contains(event.target)) close(false);
});
