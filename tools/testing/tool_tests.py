"""Run every ``<test>`` of the tools in a running Galaxy."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from results import Results
from server import GalaxyServer
from settings import tool_files

PARALLEL = 2
TIME_LIMIT = 3600


def run_tool_tests(server: GalaxyServer, results: Results, only: str = "", first: bool = False) -> None:
    """Check that each tool was loaded and has tests, then run them.

    Parameters
    ----------
    server
        A running server.
    results
        Where each test is counted. A tool that Galaxy did not load, one without tests, and a test that broke
        before its job began count as failed: Galaxy's own report leaves all of them out.
    only
        Id of the one tool to test; all where empty.
    first
        Whether only the first test of each tool is run: where jobs run somewhere else, and the tools are as before.
    """
    tools = tool_files(server.paths.tools) | tool_files(server.paths.data_manager)
    wanted = [only] if only else sorted(tools)
    loaded = {tool["id"] for tool in server.api("/api/tools?in_panel=false")}
    expected = {}
    for tool in wanted:
        if tool not in loaded:
            results.add(tool, f"Galaxy did not load it; see {server.paths.work}/gunicorn.log")
            continue
        expected[tool] = len(server.api(f"/api/tools/{tool}/test_data"))
        if not expected[tool]:
            results.add(tool, "has no tests")
        elif first:
            expected[tool] = 1
    if first:
        with ThreadPoolExecutor(PARALLEL) as pool:
            reports = pool.map(lambda tool: run_galaxy_tool_test(server, ["-t", tool, "-i", "0"], tool), expected)
            tests = [test for report in reports for test in report]
    else:
        tests = run_galaxy_tool_test(server, ["-t", only] if only else [])
    seen = set()
    for test in tests:
        data = test["data"]
        number = int(test["id"].rsplit("-", 1)[1])
        seen.add((data["tool_id"], number))
        results.add(f"{data['tool_id']} test {number + 1}", problem_of(data), data.get("time_seconds"))
    for tool, count in expected.items():
        for number in range(count):
            if (tool, number) not in seen:
                log = f"{server.paths.work}/tests-{tool if first else 'all'}.log"
                results.add(f"{tool} test {number + 1}", f"broke before its job began; see {log}")
    if "clrna_models_builder" in expected:
        check_installed_model(server, results)


def check_installed_model(server: GalaxyServer, results: Results) -> None:
    """Check that the model which the data manager's test installed is offered, and lies where the table says."""
    rows = server.api("/api/tool_data/clrna_models")["fields"]
    paths = [Path(path) for value, _, path in rows if value == "installed_by_test"]
    there = len(paths) == 1 and paths[0].is_file() and server.paths.work in paths[0].parents
    results.add("the data manager's model is in the data table", "" if there else f"the table has {rows}")


def run_galaxy_tool_test(server: GalaxyServer, which: list[str], name: str = "all") -> list[dict]:
    """Run Galaxy's own test program.

    Parameters
    ----------
    server
        A running server.
    which
        Words that name the tests to run; all where there are none.
    name
        What its files are named after, so that several may run at once.

    Returns
    -------
    The tests of its report.
    """
    report = server.paths.work / f"tests-{name}.json"
    words = ["-u", server.url, "-k", server.key, "-j", report, "-o", server.paths.work / f"outputs-{name}"]
    words += ["--parallel-tests", str(PARALLEL), "--history-per-test-case", "--with-reference-data", *which]
    program = server.paths.galaxy / "bin" / "galaxy-tool-test"
    with report.with_suffix(".log").open("wb") as log:
        subprocess.run(
            [program, *words], env=server.environment(), stdout=log, stderr=subprocess.STDOUT, timeout=TIME_LIMIT
        )
    return json.loads(report.read_text())["tests"] if report.exists() else []


def problem_of(data: dict) -> str:
    """Return why a test failed, or nothing."""
    if data["status"] == "success":
        return ""
    problems = [*data.get("output_problems", []), data.get("execution_problem") or ""]
    job = data.get("job") or {}
    return "\n".join(part for part in (*problems, job.get("stderr") or "") if part) or data["status"]
