// Each number opens what it rests on: the sources beside the chat, or above it on a phone.

import { given } from "./bridge.js";

export const isPhone = () => window.innerWidth < 860;
const panel = () => document.querySelector("#panel");
let opener;

const tab = (name) => document.querySelector(`#panel button[role=tab][data-tab-id=${name}]`);

// The panel may still show another turn: its sources are there when they carry this turn's id.
const arrived = (turn) =>
  new Promise((resolve) => {
    const find = () => document.getElementById(`sources-${turn}`);
    if (find()) return resolve();
    const watcher = new MutationObserver(() => {
      if (!find()) return;
      watcher.disconnect();
      resolve();
    });
    watcher.observe(document.querySelector("#panel"), { childList: true, subtree: true });
    setTimeout(() => (watcher.disconnect(), resolve()), 3000);
  });

export const openEvidence = async (button) => {
  const { turn, evidence: id } = given(button);
  opener = button;
  openPanel();
  tab("sources")?.click();
  if (turn) await arrived(turn);
  const sources = [...document.querySelectorAll("#sources .source")];
  const source = sources.find((s) => s.id === `evidence-${id}`) ?? sources[0];
  if (!source) return;
  for (const other of sources) other.classList.toggle("lit", other === source || id === "all");
  source.scrollIntoView({ block: "nearest" });
  source.focus({ preventScroll: true });
};

export const openPanel = () => panel().classList.add("shown");

// A chart that was drawn while it was hidden does not know its width.
export const fitChart = () => {
  const plot = document.querySelector("#plot .js-plotly-plot");
  if (plot?.offsetParent) window.Plotly?.Plots.resize(plot);
};

export const closePanel = () => {
  if (!panel()?.classList.contains("shown")) return;
  panel().classList.remove("shown");
  if (isPhone()) opener?.focus();
};

// The chart as a picture: drawn anew by the Plotly that the page has, nothing is sent anywhere.
export const savePicture = async (button) => {
  const plot = document.querySelector("#plot .js-plotly-plot");
  if (!plot || !window.Plotly) return;
  const size = { width: 1200, height: Math.max(640, plot.clientHeight * 1.5), scale: 2 };
  const url = await window.Plotly.toImage(plot, { format: "png", ...size });
  const link = document.createElement("a");
  link.href = url;
  link.download = given(button).name;
  link.click();
};
