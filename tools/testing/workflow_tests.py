"""Run the tests of the workflows in a running Galaxy."""

import json
import subprocess
from pathlib import Path

from results import Results
from server import GalaxyServer

TIME_LIMIT = 1800


def run_workflow_tests(server: GalaxyServer, results: Results, planemo: Path, folder: Path) -> None:
    """Run ``NAME-tests.yml`` of each workflow.

    Parameters
    ----------
    server
        A running server with the tools.
    results
        Where each test is counted; a workflow without tests counts as failed.
    planemo
        Virtual environment with planemo.
    folder
        Folder of the workflows' folders.
    """
    for workflow in sorted(folder.glob("*/*.ga")):
        report = server.paths.work / f"{workflow.stem}.json"
        log = report.with_suffix(".planemo.log")
        words = [
            "test", "--engine", "external_galaxy", "--galaxy_url", server.url, "--galaxy_user_key", server.key,
            "--galaxy_admin_key", server.key, "--no_shed_install", "--test_output_json", report,
            "--test_output", report.with_suffix(".html"), workflow,
        ]  # fmt: skip
        with log.open("wb") as file:
            subprocess.run(
                [planemo / "bin" / "planemo", *words],
                env=server.environment(), cwd=server.paths.work, stdout=file, stderr=subprocess.STDOUT,
                timeout=TIME_LIMIT,
            )  # fmt: skip
        tests = json.loads(report.read_text())["tests"] if report.exists() else []
        for number, test in enumerate(tests, 1):
            results.add(f"workflow {workflow.stem} test {number}", problem_of(test["data"]))
        if not tests:
            results.add(f"workflow {workflow.stem}", "no test ran:\n" + log.read_text()[-2000:])


def problem_of(data: dict) -> str:
    """Return why a workflow's test failed, or nothing."""
    if data["status"] == "success":
        return ""
    problems = [*data.get("output_problems", []), data.get("execution_problem") or ""]
    return "\n".join(part for part in problems if part) or data["status"]
