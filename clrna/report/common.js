"use strict";

/** What the other scripts share: the data in the page, colors of the theme, text made harmless. */
const clrna = (function () {
  /** Return the JSON of a data element, null where the page has none. */
  function data(id) {
    const element = document.getElementById(id);
    return element === null ? null : JSON.parse(element.textContent);
  }

  /** Plotly reads tags in its texts; a label is text, whatever it holds. */
  function text(label) {
    return String(label).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  }

  function cssColor(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  /** Plotly layout in the colors of the page. */
  function theme() {
    const axis = {
      zeroline: false, gridcolor: cssColor("--rule"), linecolor: cssColor("--rule"), tickcolor: cssColor("--rule"),
      title: { font: { size: 12, color: cssColor("--muted") } }, tickfont: { size: 11, color: cssColor("--muted") },
    };
    return {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: cssColor("--ink") },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: cssColor("--rule"), activecolor: cssColor("--accent") },
      hoverlabel: {
        bgcolor: cssColor("--panel"), bordercolor: cssColor("--rule"), align: "left",
        font: { size: 12, color: cssColor("--ink") },
      },
      axis: axis,
    };
  }

  /** Call back when the reader's system changes between light and dark. */
  function onThemeChange(redraw) {
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  }

  /** Settings of every plot; the picture that a reader saves is an SVG. */
  function config(filename) {
    return {
      responsive: true, displaylogo: false, scrollZoom: false, typesetMath: false,
      // Plotly offers to send the data to its maker's server unless told not to.
      showSendToCloud: false, plotlyServerURL: "",
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
      toImageButtonOptions: { format: "svg", filename: filename },
    };
  }

  /** Make an element with attributes, text or children. */
  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  return { data, text, cssColor, theme, onThemeChange, config, element };
})();
