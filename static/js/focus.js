// Where the focus and the scroll go when a part of the page is replaced by an answer.
import { addressOf } from "./address.js";

const PANES = [".facets", ".list", ".sheet"];
let wanted = null; // () => element to focus once the answer is there
let scrolls = {};
let sheet = "";

/** Ask for the focus to go to what `find` returns after the next answer. */
export function focusNext(find) {
  wanted = find;
}

export const cards = () => [...document.querySelectorAll(".card-name a")];
export const chips = () => [...document.querySelectorAll("a.chip-x[id]")];

export function startFocus() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (link.matches("a.chip-x[id]")) {
      const index = chips().indexOf(link);
      wanted = () => chips()[Math.min(index, chips().length - 1)] ?? document.getElementById("q");
    } else if (link.matches("#fermer, a.back")) {
      const card = link.closest("[data-card]")?.dataset.card;
      const from = link.closest("#carte") ? "voir-carte" : card;
      wanted = () => document.getElementById(from) ?? cards()[0] ?? document.getElementById("q");
    } else if (link.closest(".card-name, .equiv, #panier, #carte") && link.href.includes("fiche=")) {
      wanted = () => document.getElementById("h-fiche");
    } else if (link.matches("#voir-carte")) {
      wanted = () => document.getElementById("h-carte");
    } else if (link.matches("#suite")) {
      const shown = cards().length;
      wanted = () => cards()[shown];
    } else if (link.id === "vider" || link.closest("#panier .equiv")) {
      wanted = () => document.querySelector("#panier h2, #h-volet, #q");
    }
  }, true);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!addressOf(event)) return;
    sheet = document.querySelector("[data-card]")?.dataset.card ?? "";
    scrolls = Object.fromEntries(PANES.map((pane) => [pane, document.querySelector(pane)?.scrollTop ?? 0]));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const address = addressOf(event);
    if (!address) return;
    if (!address.typed) restoreScroll();
    const find = wanted;
    wanted = null;
    const element = find?.();
    if (!element) return;
    if (!element.matches("a, button, input, [tabindex]")) element.tabIndex = -1;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: element.id === "h-fiche" ? "center" : "nearest" });
  });
  // A request that failed must not move the focus later.
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:sendAbort"]) {
    document.addEventListener(name, () => { wanted = null; });
  }
}

function restoreScroll() {
  for (const pane of PANES) {
    const element = document.querySelector(pane);
    const same = pane !== ".sheet" || document.querySelector("[data-card]")?.dataset.card === sheet;
    if (element && same) element.scrollTop = scrolls[pane];
  }
}
