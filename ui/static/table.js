// Sorting and exporting a table: both on the server, over all rows, not only those shown.

import { complain, element, fetched, given } from "./bridge.js";

export const sort = async (button) => {
  const sheet = button.closest(".sheet");
  const { thread, turn, column } = given(button);
  const head = button.closest("th");
  const first = head.classList.contains("num") ? "desc" : "asc";
  const now = { descending: "desc", ascending: "asc" }[head.getAttribute("aria-sort")];
  const direction = now ? { desc: "asc", asc: "desc" }[now] : first;
  const place = new URLSearchParams({ sort: column, direction });
  try {
    const response = await fetched(`/api/threads/${thread}/turns/${turn}/table?${place}`);
    const { rows } = await response.json();
    const looks = [...sheet.querySelectorAll("th")].map((cell) => cell.className);
    const lines = rows.map((row) =>
      element("tr", {}, ...row.map((text, i) => element("td", { class: looks[i] }, text))),
    );
    sheet.querySelector("tbody").replaceChildren(...lines);
    for (const other of sheet.querySelectorAll("th")) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", direction === "desc" ? "descending" : "ascending");
  } catch (problem) {
    complain(problem);
  }
};

export const download = (button) => {
  const { thread, turn, kind } = given(button);
  const link = document.createElement("a");
  link.href = `/api/threads/${thread}/turns/${turn}/table.${kind}`;
  link.download = "";
  link.click();
};
