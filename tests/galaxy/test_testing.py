"""The program that runs the tests in a real Galaxy counts what it should, and says what it leaves out."""

import argparse
import sys
from pathlib import Path

import pytest
from tool_form import REPOSITORY

FOLDER = REPOSITORY / "tools" / "testing"


@pytest.fixture(scope="module")
def program(load_script):
    sys.path.insert(0, str(FOLDER))
    try:
        return load_script(FOLDER / "run.py")
    finally:
        sys.path.remove(str(FOLDER))


def words(*more: str) -> list[str]:
    return ["--galaxy-venv", "galaxy", "--planemo-venv", "planemo", "--chromium", "/nowhere/chromium", *more]


def parse(program, *more: str) -> argparse.Namespace:
    return program.get_parser().parse_args(words(*more))


def test_without_a_browser_that_part_is_left_out_loudly(program, capsys) -> None:
    assert program.parts_to_run(parse(program)) == ["tools", "workflows"]
    assert "SKIPPED browser" in capsys.readouterr().out


@pytest.mark.parametrize("parts", ["browser", "tools,browser", "tools,colour"])
def test_a_part_that_was_asked_for_is_never_left_out(program, parts: str, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        program.parts_to_run(parse(program, "--parts", parts))
    assert ended.value.code == 2 and capsys.readouterr().err


def test_a_browser_that_hangs_counts_as_failed(program, tmp_path: Path, monkeypatch) -> None:
    browser = sys.modules["browser_tests"]
    fake = tmp_path / "galaxy" / "bin"
    fake.mkdir(parents=True)
    (fake / "python").write_text(
        '#!/bin/sh\necho \'{"name": "a form opens", "problem": "", "seconds": 1}\'\nexec sleep 60\n'
    )
    (fake / "python").chmod(0o755)
    monkeypatch.setattr(browser, "TIME_LIMIT", 1)
    server = argparse.Namespace(
        paths=argparse.Namespace(galaxy=tmp_path / "galaxy", tools=tmp_path / "tools", work=tmp_path),
        url="", key="", environment=lambda: {"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    results = program.Results()
    browser.run_browser_tests(server, results, Path("/nowhere/chromium"), tmp_path)
    assert results.passed == 1 and results.failed == ["browser"]
    assert results.summary() == "1 passed, 1 failed"
