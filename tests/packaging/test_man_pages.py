"""The man pages are made from the parsers by the build, hold every option, and render without a warning."""

import configparser
import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
STEPS = ("fetch", "normalize", "train", "encode", "baseline", "score", "match", "explain", "plot")
PAGES = ("clrna", *(f"clrna-{step}" for step in STEPS))


@pytest.fixture(scope="session")
def man_folder(tmp_path_factory):
    """Build the pages as the wheel's build does, in a copy of the sources."""
    tree = tmp_path_factory.mktemp("sources")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, tree / name)
    shutil.copytree(REPOSITORY / "clrna", tree / "clrna", ignore=shutil.ignore_patterns("__pycache__", "data"))
    command = [sys.executable, "-c", "import setuptools; setuptools.setup()", "--quiet", "build_manpages"]
    subprocess.run(command, cwd=tree, check=True, capture_output=True, timeout=120)
    return tree / "man"


def test_setup_cfg_names_a_page_for_every_executable():
    config = configparser.ConfigParser(interpolation=None)
    config.read(REPOSITORY / "setup.cfg")
    pages = config["build_manpages"]["manpages"].strip().splitlines()
    scripts = config["options.entry_points"]["console_scripts"].strip().splitlines()
    named = {page.split(".1:")[0].removeprefix("man/") for page in pages}
    assert (
        named == {script.split("=")[0].strip() for script in scripts} == {"clrna", *(f"clrna-{step}" for step in STEPS)}
    )


def test_pages_say_of_the_steps_what_clrna_says():
    config = configparser.ConfigParser(interpolation=None)
    config.read(REPOSITORY / "setup.cfg")
    for page in config["build_manpages"]["manpages"].strip().splitlines()[1:]:
        step, described = re.fullmatch(r'man/clrna-(\w+)\.1:.*:description="(.*?)":.*', page).groups()
        assert described == importlib.import_module(f"clrna.cli.{step}").SUMMARY


def test_page_of_clrna_lists_the_steps(man_folder):
    page = re.sub(r"\\(f[A-Z]|,|/)", "", (man_folder / "clrna.1").read_text().replace("\\-", "-"))
    steps = page.partition("\n.SH\nSTEPS\n")[2].partition("\n.SH")[0]
    for step in STEPS:
        assert f"clrna {step}" in steps and f"clrna-{step}(1)" in page
        assert importlib.import_module(f"clrna.cli.{step}").SUMMARY in steps


@pytest.mark.parametrize("step", STEPS)
def test_page_holds_every_option(step, man_folder):
    page = (man_folder / f"clrna-{step}.1").read_text().replace("\\-", "-")
    parser = importlib.import_module(f"clrna.cli.{step}").get_parser()
    for action in parser._actions:
        for name in action.option_strings if action.dest != "help" else ():  # argparse-manpage leaves --help out
            assert name in page, f"{name} is missing"
    assert page.count(".TH ") == 1


@pytest.mark.parametrize("step", STEPS)
def test_page_ends_in_the_examples_of_the_parser(step, man_folder):
    page = (man_folder / f"clrna-{step}.1").read_text().replace("\\-", "-")
    examples = page.partition("\n.SH EXAMPLES\n")[2].partition("\n.SH ")[0]
    parser = importlib.import_module(f"clrna.cli.{step}").get_parser()
    assert len(parser.examples) >= 2
    for what, command in parser.examples:
        assert f"{what}:" in examples and f"\n{command}\n" in examples


def test_page_shows_defaults_as_the_help_does(man_folder):
    page = (man_folder / "clrna-plot.1").read_text()
    assert "(default: umap,pca,tsne)" in " ".join(page.split())
    assert page.count("(default: 5000)") == 1


@pytest.mark.skipif(not shutil.which("man"), reason="man is not installed (Debian: man-db)")
@pytest.mark.parametrize("name", PAGES)
def test_page_renders_without_a_warning(name, man_folder):
    page = man_folder / f"{name}.1"
    shown = subprocess.run(
        ["man", "--warnings", "-l", str(page)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={"MANWIDTH": "100", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert not shown.stderr.strip()
    assert "SYNOPSIS" in shown.stdout
    assert ("--output" in shown.stdout) == (name != "clrna")


@pytest.mark.skipif(not shutil.which("lexgrog"), reason="lexgrog is not installed (Debian: man-db)")
@pytest.mark.parametrize("name", PAGES)
def test_whatis_finds_a_description(name, man_folder):
    found = subprocess.run(
        ["lexgrog", str(man_folder / f"{name}.1")], check=True, capture_output=True, text=True, timeout=60
    )
    assert f"{name} - " in found.stdout
