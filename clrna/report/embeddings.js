"use strict";

/** The interactive embeddings: one or two panels side by side, one legend for both. */
(function () {
  const data = clrna.data("embedding-data");
  if (data === null || typeof Plotly === "undefined") {
    return;
  }
  const dots = data.names.length;
  const size = Math.max(4, Math.min(9, 170 / Math.sqrt(dots)));
  const panels = [];
  const state = { column: 0, projection: data.projections[0].key, group: -1, hidden: new Set(), find: "", reference: true };
  const TINT = 0.38; // of a label's color in the pale points of the reference, as in the picture of the claim

  /** Shapes of the legend, as plotly draws them, in a box of 20 by 20. */
  const SHAPES = {
    "circle": "M10 3a7 7 0 1 0 .01 0z", "square": "M4 4h12v12H4z", "diamond": "M10 2l8 8-8 8-8-8z",
    "triangle-up": "M10 3l8 13H2z", "triangle-down": "M10 17L2 4h16z", "triangle-left": "M3 10l13-8v16z",
    "triangle-right": "M17 10L4 2v16z", "x": "M6 2l4 4 4-4 4 4-4 4 4 4-4 4-4-4-4 4-4-4 4-4-4-4z",
    "cross": "M7 2h6v5h5v6h-5v5H7v-5H2V7h5z", "pentagon": "M10 2l8 6-3 9H5L2 8z",
    "star": "M10 1l2.6 6h6.4l-5 4.200 2 6.800-6-4-6 4 2-6.800-5-4.200h6.400z",
    "hexagon2": "M5 2.500h10l4 7.500-4 7.500H5L1 10z",
  };

  /** Outline of a point: darker than its color on a light page, lighter on a dark one. */
  function outline(color) {
    const light = window.matchMedia("(prefers-color-scheme: dark)").matches ? 255 * 0.45 : 0;
    const parts = [1, 3, 5].map((at) => Math.round(light + (light ? 0.55 : 0.65) * parseInt(color.slice(at, at + 2), 16)));
    return `rgb(${parts.join(",")})`;
  }

  /** What is told of one sample. */
  function about(i) {
    const lines = [`<b>${clrna.text(data.names[i])}</b>`];
    for (const column of data.columns) {
      const value = column.labels ? column.labels[column.codes[i]].label || "unlabelled" : column.values[i];
      lines.push(`${clrna.text(column.name)}: ${clrna.text(value === null ? "none" : value)}`);
    }
    if (data.predicted) {
      const sure = data.predicted.confidence[i];
      const label = data.predicted.labels[data.predicted.codes[i]] || "none";
      lines.push(`predicted: ${clrna.text(label)}${sure === null ? "" : ` (confidence ${sure})`}`);
      if (data.predicted.unlike && data.predicted.unlike[i]) {
        lines.push("unlike the training data");
      }
    }
    if (data.seen && data.seen.codes[i] >= 0) {
      lines.push(clrna.text(data.seen.groups[data.seen.codes[i]].about));
    }
    return lines.join("<br>");
  }
  const told = data.names.map((_, i) => about(i));

  /** The reference samples: pale, with a tint of their label's color where that is what colors mean. */
  function cloud(behind) {
    const reference = data.reference;
    const looks = data.columns[state.column].labels;
    const codes = reference.tints[state.column];
    const mix = (color) => `rgb(${[1, 3, 5].map((at) => Math.round(
      TINT * parseInt(color.slice(at, at + 2), 16) + (1 - TINT) * parseInt(reference.color.slice(at, at + 2), 16))).join(",")})`;
    const tints = codes ? looks.map((look) => (look.label && !state.hidden.has(look.label) ? mix(look.color) : reference.color)) : [];
    const label = (i) => reference.labels.names[reference.labels.codes[i]] || "unlabelled";
    const study = (i) => reference.studies.names[reference.studies.codes[i]];
    return {
      type: "scatter", mode: "markers", hoverinfo: "text", showlegend: false, x: behind.x, y: behind.y,
      hovertext: reference.names.map((name, i) => `reference <b>${clrna.text(name)}</b><br>${clrna.text(label(i))}<br>${clrna.text(study(i))}`),
      marker: {
        size: Math.max(3, size - 2), line: { width: 0 },
        color: codes ? codes.map((code) => (code < 0 ? reference.color : tints[code])) : reference.color,
      },
    };
  }

  function isShown(i) {
    return state.group < 0 || data.seen.codes[i] === state.group;
  }

  function trace(points, chosen, marker) {
    return {
      type: "scatter", mode: "markers", hoverinfo: "text", showlegend: false,
      x: chosen.map((i) => points.x[i]), y: chosen.map((i) => points.y[i]), hovertext: chosen.map((i) => told[i]),
      marker: Object.assign({ size: size, line: { width: 0.6 } }, marker),
    };
  }

  /** One trace a label, the rarest last so that it is not buried; numbers are one trace with a scale. */
  function traces(points) {
    const column = data.columns[state.column];
    const all = data.names.map((_, i) => i).filter(isShown);
    // In every panel, so that traces of two panels have the same number.
    const drawn = data.reference ? [cloud(points.behind && state.reference ? points.behind : { x: [], y: [] })] : [];
    if (column.labels) {
      const members = column.labels.map(() => []);
      all.forEach((i) => members[column.codes[i]].push(i));
      const order = column.labels.map((_, k) => k).filter((k) => !state.hidden.has(column.labels[k].label));
      order.sort((a, b) => (column.labels[a].label === "" ? -1 : column.labels[b].label === "" ? 1 : a - b));
      for (const k of order) {
        const look = column.labels[k];
        drawn.push(trace(points, members[k], { color: look.color, symbol: look.marker, line: { width: 0.6, color: outline(look.color) } }));
      }
    } else {
      const known = all.filter((i) => column.values[i] !== null);
      drawn.push(trace(points, all.filter((i) => column.values[i] === null), { color: clrna.cssColor("--rule") }));
      drawn.push(trace(points, known, {
        color: known.map((i) => column.values[i]), colorscale: "Cividis", showscale: true, line: { width: 0 },
        colorbar: { thickness: 10, outlinewidth: 0, len: 0.6, title: { text: clrna.text(column.name), side: "right" } },
      }));
    }
    if (state.find) {
      const found = all.filter((i) => data.names[i].toLowerCase().includes(state.find));
      drawn.push(trace(points, found, {
        symbol: "circle-open", size: size + 9, color: clrna.cssColor("--ink"), line: { width: 2, color: clrna.cssColor("--ink") },
      }));
    }
    return drawn;
  }

  function draw(panel) {
    const points = data.embeddings[panel.embedding].projections[state.projection];
    const look = clrna.theme();
    const axis = (name) => Object.assign({}, look.axis, {
      title: Object.assign({ text: clrna.text(name), standoff: 6 }, look.axis.title),
      showgrid: false, showticklabels: false, ticks: "", showline: true, mirror: true,
    });
    const layout = Object.assign({}, look, {
      margin: { l: 28, r: 8, t: 8, b: 30 }, hovermode: "closest", dragmode: "zoom",
      xaxis: axis(points.axes[0]), yaxis: Object.assign(axis(points.axes[1]), { scaleanchor: "x" }),
      uirevision: `${panel.embedding} ${state.projection}`,
    });
    delete layout.axis;
    panel.note.textContent = points.note;
    Plotly.react(panel.plot, traces(points), layout, clrna.config(`clrna-${data.embeddings[panel.embedding].key}`));
  }

  function drawAll() {
    panels.forEach(draw);
    drawLegend();
  }

  /** Samples of a label in the group that is shown, whether they are drawn or were thinned out. */
  function countOf(look) {
    return state.group < 0 ? look.n : look.by_seen[state.group];
  }

  function legendEntry(look) {
    const glyph = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    glyph.setAttribute("viewBox", "0 0 20 20");
    glyph.setAttribute("aria-hidden", "true");
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
    shape.setAttribute("d", SHAPES[look.marker]);
    shape.setAttribute("fill", look.color);
    shape.setAttribute("stroke", outline(look.color));
    glyph.append(shape);
    const name = clrna.element("span", { class: "name" }, look.label || "unlabelled");
    const button = clrna.element("button", { type: "button", "aria-pressed": String(!state.hidden.has(look.label)) },
      glyph, name, clrna.element("span", { class: "count" }, countOf(look).toLocaleString("en-US")));
    button.addEventListener("click", () => {
      if (!state.hidden.delete(look.label)) {
        state.hidden.add(look.label);
      }
      drawAll();
    });
    return button;
  }

  /** What the pale points are, to be switched off as a label is; nothing where there are none. */
  function referenceEntry() {
    if (data.reference === null) {
      return [];
    }
    const dot = clrna.element("span", { class: "pale", "aria-hidden": "true" });
    dot.style.background = data.reference.color;
    const button = clrna.element("button", { type: "button", "aria-pressed": String(state.reference) }, dot,
      clrna.element("span", { class: "name" }, "reference samples"),
      clrna.element("span", { class: "count" }, data.reference.n.toLocaleString("en-US")));
    button.addEventListener("click", () => {
      state.reference = !state.reference;
      drawAll();
    });
    return [button];
  }

  function drawLegend() {
    const legend = document.getElementById("legend");
    const column = data.columns[state.column];
    legend.hidden = !column.labels;
    if (!column.labels) {
      return;
    }
    const focused = [...legend.querySelectorAll("button")].indexOf(document.activeElement);
    const every = (word, hidden) => {
      const button = clrna.element("button", { type: "button", class: "every" }, word);
      button.addEventListener("click", () => {
        state.hidden = new Set(hidden);
        drawAll();
      });
      return button;
    };
    legend.replaceChildren(
      every("Show all", []), every("Hide all", column.labels.map((look) => look.label)),
      ...column.labels.filter((look) => countOf(look) > 0).map(legendEntry), ...referenceEntry());
    const buttons = legend.querySelectorAll("button");
    if (focused >= 0 && focused < buttons.length) {
      buttons[focused].focus();
    }
  }

  /** Pointing at a sample in one panel points at it in the other. */
  function link(panel) {
    let ours = true;
    const others = () => panels.filter((other) => other !== panel);
    panel.plot.on("plotly_hover", (event) => {
      if (!panel.echo) {
        const at = event.points.map((point) => ({ curveNumber: point.curveNumber, pointNumber: point.pointNumber }));
        others().forEach((other) => {
          other.echo = true;
          Plotly.Fx.hover(other.plot, at);
          other.echo = false;
        });
      }
    });
    panel.plot.on("plotly_unhover", () => {
      others().forEach((other) => Plotly.Fx.unhover(other.plot));
    });
  }

  function fill(select, names, chosen) {
    names.forEach((name, at) => {
      const option = clrna.element("option", { value: String(at) }, name);
      option.selected = at === chosen;
      select.append(option);
    });
  }

  function addPanel(embedding) {
    const select = clrna.element("select", {});
    fill(select, data.embeddings.map((item) => item.name), embedding);
    const plot = clrna.element("div", { class: "chart" });
    const note = clrna.element("p", { class: "hint" });
    const panel = { embedding, plot, note, echo: false };
    select.addEventListener("change", () => {
      panel.embedding = Number(select.value);
      draw(panel);
    });
    const figure = clrna.element("figure", {}, clrna.element("label", {}, "Embedding ", select), plot, note);
    document.getElementById("panels").append(figure);
    panels.push(panel);
  }

  function start() {
    document.getElementById("panels").replaceChildren();
    const keys = data.embeddings.map((item) => item.key);
    addPanel(0);
    if (keys.length > 1) {
      addPanel(1);
    }
    const colors = document.getElementById("color-by");
    const projections = document.getElementById("projection");
    const seen = document.getElementById("seen");
    fill(colors, data.columns.map((column) => column.name), 0);
    fill(projections, data.projections.map((item) => item.name), 0);
    document.getElementById("seen-label").hidden = data.seen === null;
    if (data.seen !== null) {
      fill(seen, ["all", ...data.seen.groups.map((group) => group.about)], 0);
    }
    colors.addEventListener("change", () => {
      state.column = Number(colors.value);
      state.hidden = new Set();
      drawAll();
    });
    projections.addEventListener("change", () => {
      state.projection = data.projections[Number(projections.value)].key;
      drawAll();
    });
    seen.addEventListener("change", () => {
      state.group = Number(seen.value) - 1;
      drawAll();
    });
    document.getElementById("find").addEventListener("input", (event) => {
      state.find = event.target.value.trim().toLowerCase();
      panels.forEach(draw);
    });
    document.getElementById("embedding-controls").addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("embedding-controls").hidden = false;
    drawAll();
    panels.forEach(link);
    clrna.onThemeChange(drawAll);
  }

  start();
})();
