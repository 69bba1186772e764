"""The browser tests themselves; run by ``browser_tests.py`` with Galaxy's Python, which has playwright.

Prints a line of JSON a test: name, problem (empty where it passed), seconds.
"""

import json
import sys
import time
import traceback

from browser_session import Session
from browser_steps import TESTS
from playwright.sync_api import sync_playwright

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
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
                problem = traceback.format_exc(limit=3)
                session.page.screenshot(path=session.screenshots / "galaxy-failed.png")
            answer = {"name": test.__name__.replace("_", " "), "problem": problem}
            print(json.dumps(answer | {"seconds": time.monotonic() - started}), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
