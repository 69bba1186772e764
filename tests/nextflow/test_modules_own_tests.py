"""The modules' own tests, written for nf-test, with their snapshots, in the real Nextflow."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from engine import Nextflow
from nf_tests import ModuleTest, module_tests, snapshots

TESTS = module_tests()


def test_each_test_has_its_snapshot_and_each_snapshot_its_test() -> None:
    for module in {test.module for test in TESTS}:
        assert list(snapshots(module)) == [test.name for test in TESTS if test.module == module]


def test_no_module_is_without_tests() -> None:
    folders = {path.parent.name for path in Path(TESTS[0].folder.parents[1]).glob("*/main.nf")}
    assert {test.module for test in TESTS} == folders
    assert all(any(test.options == ("-stub",) for test in TESTS if test.module == name) for name in folders)


@pytest.fixture(scope="module")
def nextflow(root: Path) -> Nextflow:
    """One folder for all, so that what several tests set up runs once."""
    return Nextflow(root / "modules", root / "home")


@pytest.mark.engine
@pytest.mark.parametrize("test", [pytest.param(test, id=f"{test.module}: {test.name}") for test in TESTS])
def test_a_module_passes_its_own_test(nextflow: Nextflow, test: ModuleTest) -> None:
    assert test.run(nextflow) == [snapshots(test.module)[test.name]["content"]]
