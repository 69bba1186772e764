"use strict";

/** Training curves: a small plot for each cost term or score. */
(function () {
  const data = clrna.data("history-data");
  const place = document.getElementById("curves");
  if (data === null || place === null || typeof Plotly === "undefined") {
    return;
  }
  const LOOKS = {
    train: { name: "training", color: "--accent", dash: "solid" },
    valid: { name: "validation", color: "--second", dash: "dash" },
  };

  function lines(curve) {
    return Object.keys(LOOKS).filter((part) => part in curve).map((part) => ({
      type: "scatter", mode: data.epochs.length < 30 ? "lines+markers" : "lines", name: LOOKS[part].name,
      x: data.epochs, y: curve[part], connectgaps: true, marker: { size: 4 },
      line: { color: clrna.cssColor(LOOKS[part].color), dash: LOOKS[part].dash, width: 2 },
      hovertemplate: `epoch %{x}: %{y:.4g}<extra>${LOOKS[part].name}</extra>`,
    }));
  }

  function draw(curve, plot) {
    const look = clrna.theme();
    const layout = Object.assign({}, look, {
      title: { text: clrna.text(curve.term), font: { size: 13 }, x: 0, xref: "paper", y: 0.97 },
      margin: { l: 44, r: 8, t: 30, b: 34 }, showlegend: false, hovermode: "x unified",
      xaxis: Object.assign({}, look.axis, { title: Object.assign({ text: "epoch", standoff: 4 }, look.axis.title), showgrid: false }),
      yaxis: Object.assign({}, look.axis, { nticks: 5 }, curve.share ? { range: [0, 1] } : {}),
      shapes: data.best === null ? [] : [{
        type: "line", x0: data.best, x1: data.best, yref: "paper", y0: 0, y1: 1,
        line: { color: clrna.cssColor("--muted"), width: 1, dash: "dot" },
      }],
    });
    delete layout.axis;
    Plotly.react(plot, lines(curve), layout, Object.assign(clrna.config("clrna-training"), { displayModeBar: false }));
  }

  function key(name, css) {
    return clrna.element("span", {}, clrna.element("i", { class: css, "aria-hidden": "true" }), name);
  }

  const plots = data.curves.map((curve) => clrna.element("div", { class: "chart", role: "img", "aria-label": `${curve.term} by epoch` }));
  const names = clrna.element("p", { class: "keys" }, key("training", "solid"), key("validation", "dashed"));
  if (data.best !== null) {
    names.append(key(`epoch ${data.best} is the model`, "dotted"));
  }
  place.replaceChildren(names, ...plots);
  const drawAll = () => data.curves.forEach((curve, at) => draw(curve, plots[at]));
  drawAll();
  clrna.onThemeChange(drawAll);
})();
