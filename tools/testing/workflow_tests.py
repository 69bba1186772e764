"""Run the tests of the workflows in a running Galaxy."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from results import Results
from server import GalaxyServer

PARALLEL = 2
TIME_LIMIT = 1800


def run_workflow_tests(
    server: GalaxyServer, results: Results, planemo: Path, folder: Path, first: bool = False
) -> None:
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
    first
        Whether only the first test of the first workflow is run: where jobs run somewhere else.
    """
    workflows = sorted(folder.glob("*/*.ga"))[: 1 if first else None]
    which = ["--test_index", "1"] if first else []
    with ThreadPoolExecutor(PARALLEL) as pool:
        reports = pool.map(lambda workflow: run_planemo(server, planemo, workflow, which), workflows)
        for workflow, report in zip(workflows, reports, strict=True):
            tests = json.loads(report.read_text())["tests"] if report.exists() else []
            for number, test in enumerate(tests, 1):
                results.add(f"workflow {workflow.stem} test {number}", problem_of(test["data"]))
            if not tests:
                log = report.with_suffix(".planemo.log").read_text()
                results.add(f"workflow {workflow.stem}", "no test ran:\n" + log[-2000:])


def run_planemo(server: GalaxyServer, planemo: Path, workflow: Path, which: list[str]) -> Path:
    """Run the tests of a workflow, all or those that words of planemo choose; return where its report should be."""
    report = server.paths.work / f"{workflow.stem}.json"
    words = [
        "test", "--engine", "external_galaxy", "--galaxy_url", server.url, "--galaxy_user_key", server.key,
        "--galaxy_admin_key", server.key, "--no_shed_install", "--test_output_json", report,
        "--test_output", report.with_suffix(".html"), *which, workflow,
    ]  # fmt: skip
    with report.with_suffix(".planemo.log").open("wb") as log:
        subprocess.run(
            [planemo / "bin" / "planemo", *words],
            env=server.environment(), cwd=server.paths.work, stdout=log, stderr=subprocess.STDOUT, timeout=TIME_LIMIT,
        )  # fmt: skip
    return report


def problem_of(data: dict) -> str:
    """Return why a workflow's test failed, or nothing."""
    if data["status"] == "success":
        return ""
    problems = [*data.get("output_problems", []), data.get("execution_problem") or ""]
    return "\n".join(part for part in problems if part) or data["status"]
