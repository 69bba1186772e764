"""setup.cfg, the constraints and what the code imports agree."""

import ast
import configparser
import re
import sys
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[2]
# Where a package is imported under another name than it is installed under.
IMPORTED_AS = {
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
    "harmony-pytorch": "harmony",
}
# What pandas imports when it is asked for an engine by name.
IMPORTED_BY_PANDAS = {"xlrd"}
ENGINE = "\npytestmark = pytest.mark.engine\n"


def required() -> list[Requirement]:
    config = configparser.ConfigParser(interpolation=None)
    config.read(REPOSITORY / "setup.cfg")
    return [Requirement(line) for line in config["options"]["install_requires"].strip().splitlines()]


def pinned() -> dict[str, str]:
    lines = (REPOSITORY / "constraints.txt").read_text().splitlines()
    return {
        canonicalize_name(line.split("==")[0]): line.split("==")[1]
        for line in lines
        if line and not line.startswith("#")
    }


def test_every_dependency_has_a_lower_bound_and_no_upper_one():
    for requirement in required():
        operators = {specifier.operator for specifier in requirement.specifier}
        assert operators == {">="}, requirement


def test_constraints_pin_every_dependency_within_its_bounds():
    versions = pinned()
    for requirement in required():
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{name} is not in constraints.txt"
        assert requirement.specifier.contains(versions[name]), requirement


def test_every_import_is_a_dependency_and_every_dependency_is_imported():
    found = set()
    for path in (REPOSITORY / "clrna").rglob("*.py"):
        if "build" in path.relative_to(REPOSITORY).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    external = found - set(sys.stdlib_module_names) - {"clrna"}
    names = {
        IMPORTED_AS.get(canonicalize_name(r.name), canonicalize_name(r.name).replace("-", "_")) for r in required()
    }
    assert external - names == set(), "imported but not in setup.cfg"
    assert names - external - IMPORTED_BY_PANDAS == set(), "in setup.cfg but not imported"


def test_version_is_the_same_everywhere():
    from clrna import __version__

    assert re.search(rf"^## \[{re.escape(__version__)}\]", (REPOSITORY / "CHANGELOG.md").read_text(), re.M)
    assert f"version: {__version__}" in (REPOSITORY / "CITATION.cff").read_text()


def test_hooks_before_a_commit_are_the_pinned_versions():
    versions = pinned()
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    ruff = [hook["additional_dependencies"] for hook in hooks if hook["id"].startswith("ruff")]
    assert ruff == [[f"ruff=={versions['ruff']}"]] * 2
    assert all("==" in need for hook in hooks for need in hook.get("additional_dependencies", []))


def test_modules_that_are_called_slow_are_there():
    lines = (REPOSITORY / "tests" / "slow_modules.txt").read_text().splitlines()
    names = [line for line in lines if not line.startswith("#")]
    assert names == sorted(set(names)) and len(names) > 10
    assert [name for name in names if not (REPOSITORY / "tests" / name).is_file()] == []


def test_engines_are_found_by_their_marker_and_run_only_where_asked_for():
    marked = {path.name for path in (REPOSITORY / "tests").rglob("test_*.py") if ENGINE in path.read_text()}
    assert marked == {"test_engine.py", "test_engine_configuration.py", "test_engine_cluster.py"}
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert settings["addopts"][-2:] == ["-m", "not engine"]
