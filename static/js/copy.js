// Copying the note: by the clipboard where the browser allows it, by selecting the text otherwise.
const SAID_FOR = 4_000; // ms
let forgetting;

export function say(text) {
  const place = document.getElementById("avis");
  if (!place) return;
  clearTimeout(forgetting);
  place.textContent = text;
  forgetting = setTimeout(() => { place.textContent = ""; }, SAID_FOR);
}

export function startCopy() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const note = document.querySelector(button.dataset.copy);
    if (!note) return;
    try {
      await navigator.clipboard.writeText(note.textContent);
      say("Note copiée.");
    } catch {
      select(note);
      say("Texte de la note sélectionné : Ctrl + C pour le copier.");
    }
  });
}

function select(note) {
  const fold = note.closest("details");
  if (fold) fold.open = true;
  note.focus();
  const range = document.createRange();
  range.selectNodeContents(note);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}
