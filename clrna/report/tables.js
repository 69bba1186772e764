"use strict";

/** The table of all scores: headings that sort, fields that filter. */
(function () {
  const table = document.getElementById("score-table");
  if (table === null) {
    return;
  }
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const headings = [...table.tHead.rows[0].cells];
  const controls = document.getElementById("score-controls");
  const find = document.getElementById("score-find");
  const selects = [...controls.querySelectorAll("select")];

  function keyOf(row, column) {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : cell.dataset.sort;
  }

  /** Numbers by size, text by the alphabet, what is missing last whichever way. */
  function compare(a, b, numeric, sign) {
    if (a === "" || b === "") {
      return (a === "") - (b === "");
    }
    return sign * (numeric ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true }));
  }

  function sortBy(column) {
    const heading = headings[column];
    const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    headings.forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const numeric = heading.classList.contains("num");
    const keyed = rows.map((row, at) => [keyOf(row, column), at, row]);
    keyed.sort((one, two) => compare(one[0], two[0], numeric, sign) || one[1] - two[1]);
    body.append(...keyed.map((item) => item[2]));
  }

  function filter() {
    const wanted = find.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const picked = selects.every((select) => !select.value || row.cells[Number(select.dataset.column)].textContent.trim() === select.value);
      row.hidden = !(picked && row.textContent.toLowerCase().includes(wanted));
      shown += row.hidden ? 0 : 1;
    }
    document.getElementById("score-count").textContent = `${shown} of ${rows.length} scores`;
  }

  headings.forEach((heading, column) => {
    const button = clrna.element("button", { type: "button" }, heading.textContent.trim());
    button.addEventListener("click", () => sortBy(column));
    heading.replaceChildren(button);
  });
  find.addEventListener("input", filter);
  selects.forEach((select) => select.addEventListener("change", filter));
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.hidden = false;
  filter();
})();
