"use strict";

/** Tables of many rows: headings that sort, fields that filter. */
(function () {
  /** Numbers by size, text by the alphabet, what is missing last whichever way. */
  function compare(a, b, numeric, sign) {
    if (a === "" || b === "") {
      return (a === "") - (b === "");
    }
    return sign * (numeric ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true }));
  }

  function keyOf(row, column) {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim().replace("\u2212", "-") : cell.dataset.sort;
  }

  /** A table NAME-table, with the fields of NAME-controls. */
  function prepare(name) {
    const table = document.getElementById(`${name}-table`);
    if (table === null) {
      return;
    }
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const headings = [...table.tHead.rows[0].cells];
    const controls = document.getElementById(`${name}-controls`);
    const find = document.getElementById(`${name}-find`);
    const count = document.getElementById(`${name}-count`);
    const selects = [...controls.querySelectorAll("select")];

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
      count.textContent = `${shown} of ${rows.length} ${count.dataset.noun}`;
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
  }

  ["match", "gene", "score"].forEach(prepare);
})();
