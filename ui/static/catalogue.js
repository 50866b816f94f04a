// What can be asked: a page over the page, fetched when it is first opened, searched here.

import { complain, element, fetched, language } from "./bridge.js";

let dialog;
let shown;

export const openCatalogue = async () => {
  dialog ??= document.body.appendChild(
    element("dialog", { id: "catalogue", "aria-labelledby": "catalogue-title" }),
  );
  dialog.onkeydown = (event) => event.key === "Escape" && dialog.close(); // a search box keeps it
  try {
    if (shown !== language()) {
      // Our own markup, in which every text was encoded.
      dialog.innerHTML = await (await fetched("/catalogue")).text();
      shown = language();
      dialog.querySelector(".catalogue-search").addEventListener("input", search);
    }
    dialog.showModal();
    dialog.querySelector(".catalogue-search").focus();
  } catch (problem) {
    complain(problem);
  }
};

export const closeCatalogue = () => dialog?.open && dialog.close();

const search = (event) => {
  const sought = event.target.value.trim().toLowerCase();
  let found = 0;
  for (const entry of dialog.querySelectorAll("[data-words]")) {
    entry.hidden = !entry.dataset.words.includes(sought);
    found += !entry.hidden;
  }
  for (const part of dialog.querySelectorAll(".subject, section"))
    part.hidden = sought !== "" && !part.querySelector("[data-words]:not([hidden])");
  dialog.querySelector(".nothing").hidden = found > 0;
};
