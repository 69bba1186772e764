"""The report in a real browser: it draws, it answers, and it neither complains nor asks the network."""

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine"),
    pytest.mark.slow,
]
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --enable-logging=stderr --virtual-time-budget=15000 --dump-dom"
).split()
# Runs after the page's own scripts, does what a reader would, and leaves what came of it in the page.
_PROBE = """
const seen = {};
const count = (css) => document.querySelectorAll(css).length;
const points = () => document.querySelectorAll("#panels .chart")[0].querySelectorAll(".point").length;
const change = (id, value) => {
  const field = document.getElementById(id);
  field.value = value;
  field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input"));
};
setTimeout(() => {
  seen.panels = count("#panels .main-svg") > 0 ? count("#panels .chart") : 0;
  seen.curves = count("#curves .chart .main-svg") > 0 ? count("#curves .chart") : 0;
  seen.points = points();
  seen.legend = [...document.querySelectorAll("#legend .name")].map((item) => item.textContent);
  const titles = (item) => item.dataset.title || item.getAttribute("aria-label");
  seen.buttons = [...document.querySelectorAll("#panels .modebar-btn")].map(titles);
  document.querySelectorAll("#legend button")[2].click();
  seen.afterHiding = points();
  document.querySelectorAll("#legend button")[2].click();
  change("seen", "1");
  seen.unseen = points();
  const counts = () => [...document.querySelectorAll("#legend .count")].map((item) => Number(item.textContent));
  seen.legendOfUnseen = counts();
  change("seen", "0");
  const last = () => [...document.querySelectorAll("#legend button")].pop();
  last().click();
  seen.withoutReference = points();
  last().click();
  change("color-by", "1");
  seen.studies = [...document.querySelectorAll("#legend .name")].map((item) => item.textContent);
  change("find", ".S7");
  seen.rings = points();
  const head = document.querySelectorAll("#score-table th button");
  head[4].click();
  head[4].click();
  seen.sorted = [...document.querySelectorAll("#score-table tbody tr")].map((row) => row.cells[4].dataset.sort);
  change("match-find", ".S5");
  seen.matched = document.getElementById("match-count").textContent;
  change("score-find", "silhouette");
  seen.found = document.getElementById("score-count").textContent;
  const plot = document.querySelectorAll("#panels .chart")[0];
  change("find", "");
  change("color-by", "0");
  seen.hover = [];
  seen.links = 0;
  const hoverNext = (label) => {
    if (label === seen.legend.length - 1) {
      seen.foreign = count("#panels a:not(.modebar-btn), #panels b, #panels img, #legend b, #legend img, body > img");
      seen.title = document.title;
      document.body.setAttribute("data-probe", JSON.stringify(seen));
      return;
    }
    Plotly.Fx.hover(plot, [{ curveNumber: label + 1, pointNumber: 0 }]);
    setTimeout(() => {
      seen.hover.push([...plot.querySelectorAll(".hoverlayer tspan")].map((line) => line.textContent).join("|"));
      seen.links += count(".hoverlayer a");
      hoverNext(label + 1);
    }, 200);
  };
  hoverNext(0);
}, 1500);
"""


def browse(path, folder):
    """Open a page; return what the console said and the page as it then was."""
    command = [BROWSER, *_FLAGS, "--window-size=1440,900", f"--user-data-dir={folder / 'profile'}", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line], done.stdout


# How wide things are, and which of them reach beyond the page without a frame of their own that scrolls.
_MEASURE = """
setTimeout(() => {
  const seen = { inner: window.innerWidth, page: document.documentElement.scrollWidth, beyond: [] };
  for (const item of document.querySelectorAll("main *, header *, footer *")) {
    if (item.getBoundingClientRect().right > window.innerWidth + 1 && !item.closest(".scroll, .chart, .hidden")) {
      seen.beyond.push(`${item.tagName}.${item.className} in ${item.closest("section")?.id}`);
    }
  }
  seen.images = [...document.querySelectorAll(".claim img")].map((item) => {
    const box = item.getBoundingClientRect();
    return [box.left, box.top, box.width, box.height].map(Math.round);
  });
  const charts = [...document.querySelectorAll("#panels .chart")];
  seen.charts = charts.map((item) => [item.clientWidth, item.querySelector(".main-svg").getBoundingClientRect().width]);
  parent.postMessage(JSON.stringify(seen), "*");
}, 1500);
"""
REFERENCE = 24  # samples that stand behind
# A browser's window has a least width, a frame has none.
_PHONE = """<!DOCTYPE html><iframe src="probed.html" style="border:0;width:{width}px;height:900px"></iframe>
<script>addEventListener("message", (event) => document.body.setAttribute("data-probe", event.data))</script>"""


def measure(report, folder, width):
    """Return how wide things are on a screen of that width."""
    write_probed(report, folder, _MEASURE)
    (folder / "frame.html").write_text(_PHONE.format(width=width), encoding="utf-8")
    return found_in(browse(folder / "frame.html", folder))[1]


def probe(report, folder, script):
    """Return what the console said and what a script found in the page after its own."""
    write_probed(report, folder, script)
    return found_in(browse(folder / "probed.html", folder))


def write_probed(report, folder, script):
    """Write the page with one more script that its policy allows."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = report.read_text(encoding="utf-8").replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
    (folder / "probed.html").write_text(text.replace("</body>", f"<script>{script}</script></body>"), encoding="utf-8")


def found_in(browsed):
    """Return what the console said and what the script left."""
    console, page = browsed
    found = re.search(r'data-probe="([^"]*)"', page)
    assert found, f"the probe did not end: {console}"
    return console, json.loads(html.unescape(found.group(1)))


@pytest.fixture(scope="module")
def visit(report, tmp_path_factory):
    """The console and what the probe saw."""
    return probe(report, tmp_path_factory.mktemp("browser"), _PROBE)


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_reaches_beyond_the_page(report, tmp_path, width):
    seen = measure(report, tmp_path, width)
    assert seen["inner"] == width and seen["page"] <= width
    assert seen["beyond"] == []
    assert all(drawn <= room + 1 for room, drawn in seen["charts"])


def test_the_four_panels_are_one_row_on_a_screen_and_two_on_a_phone(report, tmp_path):
    wide = measure(report, tmp_path, 1440)["images"]
    assert len(wide) == 4 and len({top for _, top, _, _ in wide}) == 1
    assert all(top + height < 900 for _, top, _, height in wide)  # seen without scrolling
    narrow = measure(report, tmp_path, 390)["images"]
    assert [top for _, top, _, _ in narrow[:2]] == [narrow[0][1]] * 2 and narrow[2][1] == narrow[3][1] > narrow[0][1]
    assert all(abs(width - height) <= 1 and width > 150 for _, _, width, height in [*wide, *narrow])


def test_the_console_is_silent(visit):
    assert visit[0] == []


def test_everything_is_drawn(visit):
    seen = visit[1]
    assert (seen["panels"], seen["curves"], seen["points"]) == (2, 2, 72 + REFERENCE)


def test_the_legend_hides_and_the_fields_choose(visit, hostile):
    seen = visit[1]
    assert sorted(seen["legend"]) == sorted([*(name.strip() for name in hostile), "reference samples"])
    assert seen["afterHiding"] == 72 + REFERENCE - 11
    assert seen["unseen"] == 24 + REFERENCE
    assert sum(seen["legendOfUnseen"]) == seen["unseen"]
    assert seen["studies"] == ["CCLE", "NCI60", "TCGA <b>", "reference samples"]
    assert seen["rings"] == 72 + REFERENCE + 3
    assert seen["withoutReference"] == 72


def test_names_are_text_in_hover_and_legend(visit, hostile):
    seen = visit[1]
    assert all("CCLE.S" in text for text in seen["hover"])
    for name in hostile:
        shown = " ".join(name.split())
        assert any(f"tissue: {shown}|" in " ".join(text.split()) for text in seen["hover"]), name
    assert seen["links"] == 0
    assert "TCGA <b>" in seen["studies"]
    assert seen["foreign"] == 0
    assert seen["title"] == "Tissue in TCGA <b>, a study that the model was not trained on"


def test_nothing_offers_to_send_the_data_away(visit):
    assert visit[1]["buttons"] and not any(
        re.search("share|cloud|send|studio", str(name), re.I) for name in visit[1]["buttons"]
    )


def test_scores_sort_by_number_and_filter(visit):
    seen = visit[1]
    values = [float(value) for value in seen["sorted"] if value]
    assert values == sorted(values, reverse=True) and seen["sorted"][-1] == ""
    assert seen["found"] == "3 of 21 scores"
    assert seen["matched"] == "10 of 24 samples"


def test_an_injected_script_is_stopped_by_the_policy(report, tmp_path):
    """What would happen had a template forgotten to escape a name."""
    text = report.read_text(encoding="utf-8")
    bad = "<script>document.body.dataset.owned = 1</script><img src=x onerror='document.body.dataset.owned = 2'>"
    (tmp_path / "bad.html").write_text(text.replace("<footer>", bad + "<footer>"), encoding="utf-8")
    console, page = browse(tmp_path / "bad.html", tmp_path)
    assert "data-owned" not in page
    assert any("Content Security Policy" in line for line in console)
