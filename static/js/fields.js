// The fields stay in place while answers come and go: what was understood becomes their hint, and a gesture that changes
// the question (a chip removed, an example chosen) is written back into them.
import { addressOf } from "./address.js";
import { say } from "./copy.js";

const NARROW = matchMedia("(max-width: 640px)");
const openFolds = new Set();
let basket = "";

export function startFields(form) {
  basket = basketText();
  document.addEventListener("htmx:afterSwap", (event) => {
    const address = addressOf(event);
    if (!address) return;
    if (!address.typed) write(form, new URL(address.url, location.href).searchParams);
    showHints(form);
    restoreFolds();
    announce();
  });
  // What is folded on a phone stays as one left it when the answer is replaced.
  document.addEventListener("toggle", (event) => {
    const name = event.target.dataset?.fold;
    if (!name) return;
    if (event.target.open) openFolds.add(name);
    else openFolds.delete(name);
  }, true);
  if (!CSS.supports("selector(::details-content)")) {
    const unfold = () => document.querySelectorAll(".fold-narrow").forEach((fold) => { fold.open = !NARROW.matches; });
    unfold();
    NARROW.addEventListener("change", unfold);
    document.addEventListener("htmx:afterSwap", unfold);
  }
}

function write(form, params) {
  for (const name of ["q", "lieu", "age", "moment", "langue", "le"]) {
    const field = form.elements.namedItem(name);
    const value = params.get(name) ?? "";
    if (field && field.value !== value) field.value = value;
  }
  const urgent = form.elements.namedItem("urgent");
  if (urgent) urgent.checked = params.has("urgent");
}

function showHints(form) {
  const { lieu = "", age = "", moment = "", langue = "", resume = "" } = document.getElementById("compris")?.dataset ?? {};
  form.elements.namedItem("lieu").placeholder = lieu;
  form.elements.namedItem("age").placeholder = age;
  form.elements.namedItem("moment").options[0].text = moment;
  form.elements.namedItem("langue").options[0].text = langue;
  const summary = form.querySelector(".ask-more-fields > summary");
  if (summary && resume) summary.textContent = resume;
}

function restoreFolds() {
  for (const name of openFolds) {
    const fold = document.querySelector(`[data-fold="${CSS.escape(name)}"]`);
    if (fold) fold.open = true;
  }
}

function announce() {
  const text = document.getElementById("travail")?.dataset.annonce ?? "";
  const place = document.getElementById("annonce");
  if (place && place.textContent !== text) place.textContent = text;
  const now = basketText();
  if (now !== basket) say(now);
  basket = now;
}

const basketText = () => document.getElementById("bouton-panier")?.textContent.trim() ?? "";
