// The pages of an import work without this script; with it, the wait moves by itself and ticks are kept at once.

const EVERY = 1000; // milliseconds between two looks at a piece of work

function follow(panel) {
  const phase = panel.querySelector("[data-phase]");
  const bar = panel.querySelector("[data-bar]");
  const count = panel.querySelector("[data-count]");
  const left = panel.querySelector("[data-left]");

  async function look() {
    try {
      const answer = await fetch(panel.dataset.importProgress, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const now = await answer.json();
        if (!now.busy) {
          window.location.reload();
          return;
        }
        show(now);
      }
    } catch {
      // The server is away for a moment: the next look says more.
    }
    window.setTimeout(look, EVERY);
  }

  function show(now) {
    const words = now.phase || "En attente…";
    if (phase.textContent !== words) phase.textContent = words;
    if (now.total) bar.value = now.percent;
    else bar.removeAttribute("value");
    count.textContent = now.total ? `${now.done} lignes sur ${now.total}` : "";
    left.textContent = now.time_left ? `· ${now.time_left} encore` : "";
  }

  window.setTimeout(look, EVERY);
}

function many(count, word) {
  return `${count}\u00a0${word}${count > 1 ? "s" : ""}`;
}

function keepTicks(form) {
  const summary = form.querySelector("[data-import-summary]");
  const tile = document.querySelector("[data-total-left-out]");

  form.addEventListener("change", async (event) => {
    const box = event.target;
    if (box.name !== "ecarter") return;
    // A record and its warnings are one row: they are left out together.
    for (const twin of form.querySelectorAll("input[name=ecarter]")) {
      if (twin.value === box.value) {
        twin.checked = box.checked;
        twin.closest("tr").classList.toggle("imports-out", box.checked);
      }
    }
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "fetch" },
      });
      if (!answer.ok) throw new Error(answer.status);
      const kept = await answer.json();
      summary.textContent =
        `${many(kept.added, "ajout")} et ${many(kept.changed, "changement")} à appliquer` +
        (kept.left_out ? `, ${kept.left_out}\u00a0${kept.left_out > 1 ? "lignes écartées" : "ligne écartée"}` : "");
      tile.textContent = kept.left_out;
    } catch {
      summary.textContent = "Ce choix n’a pas pu être gardé : cliquez sur « Garder ces choix ».";
    }
  });
}

document.querySelectorAll("[data-import-progress]").forEach(follow);
document.querySelectorAll("[data-import-lines]").forEach(keepTicks);
