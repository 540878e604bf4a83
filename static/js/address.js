// One address per question. Ours rather than htmx's: it would keep the address, and the question in it, in the browser's
// storage. Going back asks the server again: no answer is kept either.
const here = () => location.pathname + location.search;
let shown = here();

/** The address of an answer and how it was reached, from its headers; null for another request. */
export function addressOf(event) {
  const { xhr, target } = event.detail;
  const url = target?.id === "reponse" && xhr.getResponseHeader("X-Address");
  return url ? { url, typed: xhr.getResponseHeader("X-Address-Kind") === "typed" } : null;
}

export function startAddress() {
  sessionStorage.removeItem("htmx-current-path-for-history"); // htmx notes the address of the page it wakes up on
  document.addEventListener("htmx:beforeSwap", (event) => {
    const address = addressOf(event);
    if (!address) return;
    // The first question adds an address, so that « back » returns to the start; the next letters replace it.
    const started = new URLSearchParams(location.search).has("q");
    const write = address.typed && started ? "replaceState" : "pushState";
    if (address.url !== here()) history[write](null, "", address.url);
    shown = here();
  });
  addEventListener("popstate", () => {
    if (here() !== shown) location.reload(); // a fragment alone is a place in the same page
  });
}
