// The print button of the printed basket.
document.getElementById("imprimer")?.addEventListener("click", () => window.print());
