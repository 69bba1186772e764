"""Use a running Galaxy as a person does: forms, upload, a workflow, its report, in headless Chromium."""

import json
import subprocess
from pathlib import Path

from results import Results
from server import GalaxyServer

TIME_LIMIT = 900


def run_browser_tests(server: GalaxyServer, results: Results, chromium: Path, screenshots: Path) -> None:
    """Run ``browser.py`` with the Python that has playwright, which is Galaxy's, and count its tests.

    Parameters
    ----------
    server
        A running server with the tools.
    results
        Where each test is counted; so is a browser that did not end in time.
    chromium
        The browser.
    screenshots
        Folder that the screenshots are kept in.
    """
    workflows = server.paths.tools.parent / "workflows"
    job = {
        "url": server.url, "key": server.key, "chromium": str(chromium),
        "data": str(server.paths.tools / "test-data"),
        "studies": str(server.paths.tools.parents[1] / "test-data" / "simulated"),
        "workflow": str(workflows / "train-on-my-studies" / "train-on-my-studies.ga"),
        "screenshots": str(screenshots.absolute()),
    }  # fmt: skip
    program = [server.paths.galaxy / "bin" / "python", Path(__file__).with_name("browser.py"), json.dumps(job)]
    problem, said, log = "", server.paths.work / "browser.jsonl", server.paths.work / "browser.log"
    with said.open("wb") as answers, log.open("wb") as errors:
        try:
            status = subprocess.run(
                program, env=server.environment(), stdout=answers, stderr=errors, timeout=TIME_LIMIT
            ).returncode
            problem = f"ended with {status}:\n{log.read_text()[-2000:]}" if status else ""
        except subprocess.TimeoutExpired:
            problem = f"did not end in {TIME_LIMIT} s"
    tests = [json.loads(line) for line in said.read_text().splitlines() if line.endswith("}")]
    for test in tests:
        results.add(f"browser: {test['name']}", test["problem"], test["seconds"])
    if problem or not tests:
        results.add("browser", problem or "no test ran")
