// The page stays open all day: its clock must be right.
const SHOWN = new Intl.DateTimeFormat("fr-CA", {
  timeZone: "America/Toronto", weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", hourCycle: "h23",
});

export function startClock() {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const tick = () => {
    const part = Object.fromEntries(SHOWN.formatToParts(new Date()).map(({ type, value }) => [type, value]));
    const minutes = part.minute === "00" ? "" : `\u00a0${part.minute}`;
    const day = document.createElement("span");
    day.className = "only-wide-i";
    day.textContent = `${part.weekday} ${part.day === "1" ? "1er" : part.day} ${part.month}, `;
    clock.replaceChildren(day, `${Number(part.hour)}\u00a0h${minutes}`);
    clock.dateTime = new Date().toISOString();
    setTimeout(tick, 60_000 - (Date.now() % 60_000) + 50);
  };
  setTimeout(tick, 60_000 - (Date.now() % 60_000) + 50);
}
