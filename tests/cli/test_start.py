"""Help, version and completion of every executable: instant, complete and valid."""

import json
import re
import resource
import shlex
import shutil
import subprocess
import sys

import pytest
import shtab

from clrna import __version__
from clrna.cli.suite import STEPS

HEAVY = ("numpy", "scipy", "pandas", "anndata", "h5py", "torch", "scanpy", "sklearn", "matplotlib", "plotly", "yaml")
HELP_SECONDS = 0.3
ATTEMPTS = 15


def seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_is_instant(command):
    """The best of several runs counts, in time of the processor: a busy machine is not the program's fault."""
    best = float("inf")
    for _ in range(ATTEMPTS):
        start = seconds_of_children()
        subprocess.run([sys.executable, "-m", command, "--help"], check=True, capture_output=True)
        best = min(best, seconds_of_children() - start)
        if best < HELP_SECONDS:
            return
    pytest.fail(f"--help of {command} took {best:.2f} s at best, the limit is {HELP_SECONDS} s")


@pytest.mark.parametrize("word", ["--help", "--version", "--no-such-option"])
def test_nothing_heavy_is_imported_before_the_command_line_is_read(command, word, python):
    code = (
        "import importlib, json, sys\n"
        f"module = importlib.import_module({command!r})\n"
        "try:\n"
        f"    module.main([{word!r}])\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))\n"
    )
    done = python("-c", code)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_version_is_the_last_word(command, python):
    done = python("-m", command, "--version")
    assert done.returncode == 0
    assert done.stdout.split()[-1] == __version__
    assert re.match(r"clrna(-\w+)? ", done.stdout)
    assert len(done.stdout.splitlines()) == 1


def test_help_names_the_program_and_every_option(module, python):
    done = python("-m", module, "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith("usage: clrna-")
    for option in ("--version", "--seed", "--threads", "--config", "--verbose", "--quiet", "--output"):
        assert option in done.stdout


def test_no_option_lacks_help(command):
    import importlib

    parser = importlib.import_module(command).get_parser()
    assert [action.dest for action in parser._actions if not action.help] == []


def test_what_makes_completion_is_loaded_where_it_is_asked_for(command, python):
    code = (
        "import importlib, sys\n"
        "try:\n"
        f"    importlib.import_module({command!r}).main(['--version'])\n"
        "finally:\n"
        "    print('shtab' in sys.modules)\n"
    )
    assert python("-c", code).stdout.splitlines()[-1] == "False"
    shells = python("-m", command, "--print-completion", "none").stderr
    assert all(repr(shell) in shells for shell in shtab.SUPPORTED_SHELLS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_script_is_valid(command, shell, python, tmp_path):
    done = python("-m", command, "--print-completion", shell)
    assert done.returncode == 0, done.stderr
    assert "--threads" in done.stdout or "threads" in done.stdout
    assert {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "=/f/"}[shell] in done.stdout
    if shell == "zsh":
        assert '"(- : *)--print-completion[' in done.stdout  # after which nothing else is completed
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed: its completion script was printed but not checked")
    script = tmp_path / f"completion.{shell}"
    script.write_text(done.stdout, encoding="utf-8")
    checked = subprocess.run([program, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def completed(bash, folder, python, module: str, program: str, *lines: list[str]) -> list[str]:
    """Return what bash offers for each line of words after the program's name, the last of which is being typed."""
    script = folder / "completion.bash"
    script.write_text(python("-m", module, "--print-completion", "bash").stdout, encoding="utf-8")
    ask = (
        f'source {script}; function_name=$(complete -p {program} | sed "s/.*-F \\([^ ]*\\).*/\\1/"); '
        f'complete_line() {{ COMP_WORDS=({program} "$@"); COMP_CWORD=$#; COMPREPLY=(); $function_name; '
        'echo "${COMPREPLY[@]}"; }; ' + "; ".join(f"complete_line {shlex.join(words)}" for words in lines)
    )
    return subprocess.run([bash, "-c", ask], capture_output=True, text=True, check=False).stdout.splitlines()


def test_bash_completes_options_and_choices(python, tmp_path):
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    options, choices = completed(bash, tmp_path, python, "clrna.cli.encode", "clrna-encode", ["--min"], ["--adapt", ""])
    assert options.split() == ["--min-coverage"]
    assert sorted(choices.split()) == ["auto", "none", "study"]


def test_bash_completes_steps_and_their_options(python, tmp_path):
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    lines = (["no"], ["encode", "--min"], ["train", "--preset", "orig"], [""])
    step, options, choices, steps = completed(bash, tmp_path, python, "clrna.cli.suite", "clrna", *lines)
    assert (step, options) == ("normalize", "--min-coverage")
    assert sorted(choices.split()) == ["original-20", "original-40", "original-943"]
    assert steps.split() == list(STEPS)
