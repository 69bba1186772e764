"""The browser tests themselves; run by ``browser_tests.py`` with Galaxy's Python, which has playwright.

Prints a line of JSON a test: name, problem (empty where it passed), seconds.
"""

import json
import sys
import time
import traceback
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
FORMS = {
    "clrna_fetch": "Bring a data set or a model",
    "clrna_normalize": "Expression of one or several studies",
    "clrna_train": "Studies to leave out",
    "clrna_encode": "Where the model comes from",
    "clrna_baseline": "Embeddings to compute",
    "clrna_score": "Label to score by",
    "clrna_plot": "Interactive report",
}
SECOND = 1000
RAN_SCRIPT = "document.querySelectorAll('#panels svg, #panels canvas').length"


class Session:
    """One person at one browser, and what the tests hand on to each other."""

    def __init__(self, job: dict[str, str], page: Page) -> None:
        self.job, self.page = job, page
        self.data, self.screenshots = Path(job["data"]), Path(job["screenshots"])
        self.screenshots.mkdir(parents=True, exist_ok=True)
        self.history = ""
        self.report = ""

    def open(self, path: str) -> None:
        """Open a page of the server."""
        self.page.goto(self.job["url"] + path, wait_until="domcontentloaded")

    def picture(self, name: str) -> None:
        """Keep a screenshot."""
        self.page.wait_for_timeout(1.5 * SECOND)
        self.page.screenshot(path=self.screenshots / f"{name}.png")

    def api(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Call the API, to set things up and to wait."""
        request = urllib.request.Request(
            self.job["url"] + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"x-api-key": self.job["key"], "content-type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def wait_for(self, what: str, done: Callable[[], Any], seconds: float = 240) -> Any:
        """Return what ``done`` returns once that is something."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := done():
                return found
            self.page.wait_for_timeout(SECOND)
        raise AssertionError(f"waited {seconds:.0f} s for {what}")

    def datasets(self, state: str = "ok") -> dict[str, dict[str, Any]]:
        """Return the datasets of the current history by name."""
        contents = self.api(f"/api/histories/{self.history}/contents?visible=true")
        return {
            item["name"]: item
            for item in contents
            if item["history_content_type"] == "dataset" and item["state"] == state
        }


def every_form_opens(session: Session) -> None:
    """Each tool's form shows its first control and no error."""
    for tool, text in FORMS.items():
        session.open(f"/?tool_id={tool}")
        session.page.wait_for_selector(f"text={text}", timeout=60 * SECOND)
        assert session.page.locator(".alert-danger:visible").count() == 0, f"{tool}: the form shows an error"
        session.picture(f"galaxy-form-{tool.removeprefix('clrna_')}")


def an_h5ad_is_uploaded(session: Session) -> None:
    """Upload AnnData, whose type Galaxy finds out, and a model by the upload dialog."""
    session.open("/")
    session.page.click("#activity-upload", timeout=60 * SECOND)
    session.page.wait_for_selector("#regular #btn-start", timeout=30 * SECOND)
    files = [str(session.data / name) for name in ("merged.h5ad", "model.safetensors")]
    session.page.set_input_files("#regular input[type=file]", files)
    session.page.wait_for_selector("#upload-row-1, .upload-row >> nth=1", timeout=30 * SECOND)
    choose_type(session, 1, "safetensors")
    session.picture("galaxy-upload")
    session.page.click("#regular #btn-start")
    session.history = session.page.request.get(f"{session.job['url']}/history/current_history_json").json()["id"]
    session.wait_for("the upload", lambda: len(session.datasets()) == 2)
    types = {name: item["extension"] for name, item in session.datasets().items()}
    assert types == {"merged.h5ad": "h5ad", "model.safetensors": "safetensors"}, types
    session.page.keyboard.press("Escape")


def choose_type(session: Session, row: int, extension: str) -> None:
    """Choose the type of a file in the upload dialog: Galaxy does not find out that of safetensors by itself."""
    select = session.page.locator(".upload-row").nth(row).locator(".upload-extension, .multiselect").first
    select.click()
    session.page.keyboard.type(extension)
    session.page.wait_for_timeout(SECOND)
    session.page.keyboard.press("Enter")


def columns_are_offered(session: Session) -> None:
    """The form offers the columns that the uploaded AnnData has."""
    session.open("/?tool_id=clrna_train")
    session.page.wait_for_selector("text=Label to learn", timeout=60 * SECOND)
    session.page.locator("[id='form-element-label_key'] .multiselect").click(timeout=30 * SECOND)
    offered = session.page.locator("[id='form-element-label_key'] .multiselect__option").all_inner_texts()
    session.picture("galaxy-form-columns")
    assert {"tissue", "tumor_type", "study"} <= {text.strip() for text in offered}, offered


def a_workflow_runs_by_clicking(session: Session) -> None:
    """Choose the inputs of the workflow on its form and run it."""
    dataset = session.datasets()["merged.h5ad"]
    session.api("/api/dataset_collections", "POST", {
        "collection_type": "list", "history_id": session.history, "name": "New samples",
        "element_identifiers": [{"name": "mine", "src": "hda", "id": dataset["id"]}],
    })  # fmt: skip
    native = json.loads(Path(session.job["workflow"]).read_text())
    workflow = session.api("/api/workflows", "POST", {"workflow": native})["id"]
    session.open(f"/workflows/run?id={workflow}")
    session.page.wait_for_selector("text=Table of the samples", timeout=60 * SECOND)
    session.picture("galaxy-workflow-form")
    session.page.locator("#run-workflow").click(timeout=60 * SECOND)

    def report() -> Any:
        failed = session.datasets("error")
        assert not failed, f"jobs failed: {', '.join(failed)}"
        pages = [item for item in session.datasets().values() if item.get("extension") == "html"]
        return pages[0]["id"] if pages else None

    session.report = session.wait_for("the report", report, 300)
    session.picture("galaxy-history")


def the_report_is_plain_without_the_allowlist(session: Session) -> None:
    """As Galaxy comes, it shows the report's source as plain text, and says why."""
    session.open(f"/datasets/{session.report}/preview")
    session.page.wait_for_selector("text=not known to create safe HTML", timeout=60 * SECOND)
    session.picture("galaxy-report-not-allowed")
    assert all(frame.evaluate(RAN_SCRIPT) == 0 for frame in session.page.frames)


def the_report_is_interactive_with_the_allowlist(session: Session) -> None:
    """Once administrators allow the tool, its report draws its plots inside Galaxy."""
    session.api("/api/sanitize_allow?tool_id=clrna_plot", "PUT")
    session.open(f"/datasets/{session.report}/preview")

    def plots() -> int:
        return sum(frame.evaluate(RAN_SCRIPT) for frame in session.page.frames if "/display" in frame.url)

    session.wait_for("the plots", plots, 90)
    assert session.page.locator("text=not known to create safe HTML").count() == 0
    session.picture("galaxy-report")


def the_figure_is_shown_either_way(session: Session) -> None:
    """The PNG is shown inside Galaxy without anybody's leave."""
    figures = [item for item in session.datasets().values() if item.get("extension") == "png"]
    assert figures, "the workflow made no PNG"
    session.open(f"/datasets/{figures[0]['id']}/preview")
    session.page.wait_for_timeout(4 * SECOND)
    widths = [
        width
        for frame in session.page.frames
        for width in frame.evaluate("Array.from(document.images, image => image.naturalWidth)")
    ]
    session.picture("galaxy-figure")
    assert max(widths, default=0) > 300, widths


TESTS = (
    every_form_opens, an_h5ad_is_uploaded, columns_are_offered, a_workflow_runs_by_clicking,
    the_report_is_plain_without_the_allowlist, the_report_is_interactive_with_the_allowlist,
    the_figure_is_shown_either_way,
)  # fmt: skip


def main() -> None:
    """Run all tests in one browser, each after the one before."""
    job = json.loads(sys.argv[1])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=job["chromium"], headless=True, args=list(ARGUMENTS))
        session = Session(job, browser.new_page(viewport={"width": 1400, "height": 950}))
        problem = ""
        for test in TESTS:
            started = time.monotonic()
            if problem:  # each test goes on from the one before
                problem = "did not run"
            try:
                if not problem:
                    test(session)
            except Exception:  # noqa: BLE001 - a failure of any kind is the result of the test
                problem = traceback.format_exc(limit=-3)
                session.page.screenshot(path=session.screenshots / "galaxy-failed.png")
            answer = {"name": test.__name__.replace("_", " "), "problem": problem}
            print(json.dumps(answer | {"seconds": time.monotonic() - started}), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
