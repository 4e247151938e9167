"use strict";
(() => {
  const box = document.getElementById("words"), told = document.getElementById("told");
  const fold = (text) => text.normalize("NFKD").replace(/[\p{M}\u0640]/gu, "").toLowerCase();
  const rows = [...document.querySelectorAll("[data-row]")].map((row) => [row, fold(row.textContent)]);
  const seek = () => {
    const sought = fold(box.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const [row, text] of rows) {
      row.hidden = !sought.every((word) => text.includes(word));
      found += row.hidden ? 0 : 1;
    }
    told.textContent = sought.length ? told.dataset.said.replace("{number}", found).replace("{all}", rows.length) : "";
  };
  box.addEventListener("input", seek);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target !== box) { event.preventDefault(); box.focus(); }
    if (event.key === "Escape") { box.value = ""; seek(); box.focus(); }
  });
  document.getElementById("search").hidden = false;
  if (location.hash.length > 1) { try { box.value = decodeURIComponent(location.hash.slice(1)); } catch { box.value = ""; } }
  seek();
})();
