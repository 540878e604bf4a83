// The keyboard. Single letters and digits act only when no text field has the focus, and can be switched off (WCAG 2.1.4).
import { cards, chips, focusNext } from "./focus.js";

const TYPING = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";

export function startKeys(form) {
  const question = document.getElementById("q");
  const help = document.getElementById("aide");
  document.getElementById("lien-aide")?.addEventListener("click", (event) => {
    if (!help?.showModal || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    help.showModal();
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
    const typing = event.target.matches?.(TYPING);
    if (event.key === "Escape") return escape(event, question, typing);
    if (event.target === question && event.key === "ArrowDown") return leave(event);
    if (typing || form.dataset.shortcuts !== "1") return;
    const action = ACTIONS[event.key] ?? (/^[1-9]$/.test(event.key) ? removeChip : null);
    if (action && action(event.key, question, help) !== false) event.preventDefault();
  });
}

function leave(event) {
  const first = document.querySelector(".card.open .card-name a") ?? cards()[0];
  if (!first) return;
  event.preventDefault();
  first.focus();
}

function escape(event, question, typing) {
  if (event.target === question) {
    event.preventDefault(); // a search field would lose the question
    (document.querySelector(".card.open .card-name a") ?? cards()[0] ?? document.getElementById("ressources"))?.focus();
    return;
  }
  const close = [...document.querySelectorAll("#fermer, a.back")].find((link) => link.getClientRects().length);
  if (close && !typing) {
    event.preventDefault();
    close.click();
  }
}

const move = (step) => () => {
  const all = cards();
  if (!all.length) return false;
  const here = all.indexOf(document.activeElement);
  const open = all.findIndex((link) => link.closest(".card.open"));
  const next = here >= 0 ? here + step : open >= 0 && !document.activeElement.closest(".sheet") ? open : open + step;
  const link = all[Math.max(0, Math.min(all.length - 1, next))];
  link.focus({ preventScroll: true });
  link.closest(".card").scrollIntoView({ block: "nearest" });
};

const ACTIONS = {
  "/": (_key, question) => { question.focus(); question.select(); },
  "?": (_key, _question, help) => help?.showModal?.(),
  j: move(1),
  k: move(-1),
  b: () => {
    const button = document.getElementById("mettre-au-panier");
    const focused = document.activeElement.closest?.(".card-name a");
    if (focused && !focused.closest(".card.open")) return toggleInBasket(focused);
    if (!button) return focused ? toggleInBasket(focused) : openBasket();
    const { id } = document.activeElement;
    focusNext(() => document.getElementById(id) ?? document.getElementById("h-fiche"));
    button.click();
  },
  c: () => {
    const button = document.getElementById("copier");
    if (!button) return false;
    button.click();
  },
};

function toggleInBasket(link) {
  const { id } = link;
  focusNext(() => document.getElementById(id));
  window.htmx.ajax("GET", toggled(link.id.slice(2)), { source: link, target: "#reponse", swap: "innerHTML" });
}

/** The present address, with a service put in the basket or taken out of it. */
function toggled(code) {
  const url = new URL(location.href);
  const codes = (url.searchParams.get("panier") ?? "").split(",").filter(Boolean);
  const kept = codes.includes(code) ? codes.filter((other) => other !== code) : [...codes, code];
  if (kept.length) url.searchParams.set("panier", kept.join(","));
  else url.searchParams.delete("panier");
  return url.pathname + url.search;
}

function openBasket() {
  const basket = document.getElementById("panier");
  if (!basket) return false;
  basket.focus();
}

function removeChip(key) {
  const chip = chips()[Number(key) - 1];
  if (!chip) return false;
  chip.click();
}
