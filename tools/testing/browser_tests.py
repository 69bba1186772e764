"""Use a running Galaxy as a person does: forms, upload, a workflow, its report, in headless Chromium."""

import json
import subprocess
import tempfile
from pathlib import Path

from results import Results
from server import GalaxyServer

TIME_LIMIT = 600


def run_browser_tests(server: GalaxyServer, results: Results, chromium: str, screenshots: Path | None) -> None:
    """Run ``browser.py`` with the Python that has playwright, which is Galaxy's, and count its tests.

    Parameters
    ----------
    server
        A running server with the tools.
    results
        Where each test is counted.
    chromium
        The browser.
    screenshots
        Folder that the screenshots are kept in; a temporary one where None.
    """
    workflows = server.paths.tools.parent / "workflows"
    with tempfile.TemporaryDirectory() as temporary:
        job = {
            "url": server.url, "key": server.key, "chromium": chromium,
            "data": str(server.paths.tools / "test-data"),
            "workflow": str(workflows / "encode-new-samples" / "encode-new-samples.ga"),
            "screenshots": str((screenshots or Path(temporary)).absolute()),
        }  # fmt: skip
        program = [server.paths.galaxy / "bin" / "python", Path(__file__).with_name("browser.py"), json.dumps(job)]
        process = subprocess.run(program, env=server.environment(), capture_output=True, text=True, timeout=TIME_LIMIT)
    tests = [json.loads(line) for line in process.stdout.splitlines() if line.startswith("{")]
    for test in tests:
        results.add(f"browser: {test['name']}", test["problem"], test["seconds"])
    if process.returncode != 0 or not tests:
        results.add("browser", f"ended with {process.returncode}:\n{process.stderr[-2000:]}")
