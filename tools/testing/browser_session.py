"""One person at one browser, and what the tests hand on to each other."""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SECOND = 1000


class Session:
    """A page of Galaxy, with the API to set things up and to wait.

    Attributes
    ----------
    history
        The history that the page shows, once something was uploaded to it.
    workflow
        The workflow that was imported.
    report
        The HTML report that the workflow made.
    """

    def __init__(self, job: dict[str, str], page: Page) -> None:
        self.job, self.page = job, page
        self.data, self.studies = Path(job["data"]), Path(job["studies"])
        self.screenshots = Path(job["screenshots"])
        self.screenshots.mkdir(parents=True, exist_ok=True)
        self.history = ""
        self.workflow = ""
        self.report = ""

    def open(self, path: str) -> None:
        """Open a page of the server."""
        self.page.goto(self.job["url"] + path, wait_until="domcontentloaded")

    def picture(self, name: str) -> None:
        """Keep a screenshot."""
        self.page.wait_for_timeout(1.5 * SECOND)
        self.page.screenshot(path=self.screenshots / f"{name}.png")

    def api(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Call the API."""
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
        """Return the visible datasets of the current history by name."""
        contents = self.api(f"/api/histories/{self.history}/contents?visible=true")
        return {
            item["name"]: item
            for item in contents
            if item["history_content_type"] == "dataset" and item["state"] == state
        }

    def upload(self, files: list[Path], types: dict[int, str] | None = None, picture: str = "") -> None:
        """Upload files by the dialog; ``types`` are those that Galaxy does not find out by itself, by row."""
        self.history = self.page.request.get(f"{self.job['url']}/history/current_history_json").json()["id"]
        known = len(self.datasets())
        self.page.click("#activity-upload", timeout=60 * SECOND)
        self.page.locator("#regular", has_text="Choose local file").wait_for(timeout=30 * SECOND)
        self.page.set_input_files("#regular input[type=file]", [str(path) for path in files])
        self.page.wait_for_selector(f".upload-row >> nth={len(files) - 1}", timeout=30 * SECOND)
        for row, extension in (types or {}).items():
            self.page.locator(".upload-row").nth(row).locator(".upload-extension, .multiselect").first.click()
            self.page.keyboard.type(extension)
            self.page.wait_for_timeout(SECOND)
            self.page.keyboard.press("Enter")
        if picture:
            self.picture(picture)
        self.page.locator("#regular #btn-start", has_text="Start").click()
        self.wait_for("the upload", lambda: len(self.datasets()) == known + len(files))
        self.page.locator("#regular #btn-close", has_text="Close").click()

    def choose(self, label: str, option: str) -> None:
        """Choose a dataset or list of the history, by its name, in the control with this label."""
        control = self.page.locator(f"[data-label='{label}']")
        control.locator(".multiselect").first.click(timeout=60 * SECOND)
        numbered = re.compile(rf"\d+: {re.escape(option)}")
        control.locator(".multiselect__option", has_text=numbered).first.click()
        self.page.keyboard.press("Escape")  # where several can be chosen the list stays open
        chosen = control.locator(".multiselect__tags").first.inner_text()
        assert option in chosen, f"{label}: {chosen!r} is chosen"
