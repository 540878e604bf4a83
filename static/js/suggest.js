// Autocomplete: WAI-ARIA combobox with a listbox. In the question, the down arrow belongs to the results (they are the
// answer): Alt + down enters the proposals, shown in the line above the field so that they hide nothing. The place field
// behaves as combo boxes usually do.
const WAIT = 150; // ms
const SHORTEST = 2;

export function startSuggestions(form) {
  const address = form.dataset.suggestions;
  combobox(form.elements.namedItem("q"), document.getElementById("propositions"), address, { enter: "Alt" });
  combobox(form.elements.namedItem("lieu"), document.getElementById("lieux"), `${address}?lieux=1`, { enter: "" });
}

function combobox(field, list, address, { enter }) {
  if (!field || !list) return;
  let waiting;
  let request;
  let active = -1;
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) field.setAttribute(name, value);

  const options = () => [...list.children];
  const close = () => {
    list.replaceChildren();
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    const all = options();
    active = (index + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    field.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const choose = (option) => {
    field.value = option.dataset.value;
    close();
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    clearTimeout(waiting);
  };
  const show = (found) => {
    close();
    list.replaceChildren(...found.map((item, index) => {
      const option = document.createElement("div");
      option.id = `${list.id}-${index}`;
      option.role = "option";
      option.setAttribute("aria-selected", "false");
      option.dataset.value = item.value;
      option.textContent = item.label;
      option.title = item.label;
      return option;
    }));
    field.setAttribute("aria-expanded", String(found.length > 0));
  };
  const ask = async () => {
    request?.abort();
    const text = field.value.trim();
    if (text.length < SHORTEST) return close();
    request = new AbortController();
    const url = new URL(address, location.href);
    url.searchParams.set("q", text);
    try {
      const answer = await fetch(url, { signal: request.signal, headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return close();
      const { suggestions } = await answer.json();
      if (document.activeElement === field && field.value.trim() === text) show(suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  field.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (event.isTrusted) waiting = setTimeout(ask, WAIT);
  });
  field.addEventListener("blur", () => { clearTimeout(waiting); close(); });
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault(); // the field keeps the focus
    choose(option);
  });
  field.addEventListener("keydown", (event) => {
    const count = list.childElementCount;
    if (!count) return;
    const forward = event.key === "ArrowDown" || (active >= 0 && event.key === "ArrowRight" && enter);
    const back = event.key === "ArrowUp" || (active >= 0 && event.key === "ArrowLeft" && enter);
    if (forward && (active >= 0 || !enter || event.altKey)) mark(active + 1);
    else if (back && active >= 0) mark(active - 1);
    else if (event.key === "Enter" && active >= 0) choose(options()[active]);
    else if (event.key === "Escape") {
      if (active < 0 && enter) return close(); // one Escape goes to the list
      close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
