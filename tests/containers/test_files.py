"""What images, recipes and workflows say agrees with setup.cfg, the constraints and one another."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from clrna import __version__

REPOSITORY = Path(__file__).resolve().parents[2]
CONTAINERS = REPOSITORY / "containers"
# Where conda calls a package otherwise than PyPI.
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}
# What an environment to work in has beyond what the package needs.
ENVIRONMENT_ONLY = {"python", "pip", "setuptools", "argparse-manpage"}


def config() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(REPOSITORY / "setup.cfg")
    return parser


def required() -> dict[str, str]:
    """Conda's name and the bounds of every dependency in setup.cfg."""
    found = [Requirement(line) for line in config()["options"]["install_requires"].split()]
    return {CONDA_NAMES.get(entry.name, entry.name): str(entry.specifier) for entry in found}


def steps() -> list[str]:
    scripts = config()["options.entry_points"]["console_scripts"].strip().splitlines()
    return [" ".join(script.split()) for script in scripts]


def recipe() -> dict:
    """The recipe with its few expressions replaced by text."""
    text = (CONTAINERS / "conda" / "meta.yaml").read_text()
    variables = dict(re.findall(r'{% set (\w+) = "(.*?)" %}', text))
    text = re.sub(r"{%.*?%}\n", "", text)
    text = re.sub(r"{{ (name|version) }}", lambda match: variables[match[1]], text)
    text = re.sub(r"- {{ pin_subpackage.*}}", "- clrna", text)
    return yaml.safe_load(text)


def by_name(lines: list[str]) -> dict[str, str]:
    """Split ``name >=1`` and ``channel::name>=1`` into name and bounds."""
    pairs = (re.fullmatch(r"(?:[\w-]+::)?([\w.-]+)\s*(.*)", line) for line in lines)
    return {match[1]: match[2].replace(" ", "") for match in pairs if match}


def test_recipe_asks_for_what_setup_cfg_asks_for():
    run = by_name(recipe()["requirements"]["run"])
    assert run.pop("python").startswith(config()["options"]["python_requires"])
    assert run == required()


def test_recipe_is_of_this_version_and_has_every_executable():
    found = recipe()
    assert found["package"] == {"name": "clrna", "version": __version__}
    assert found["source"]["url"].endswith(f"/v{__version__}/clrna-{__version__}.tar.gz")
    assert found["build"]["entry_points"] == steps()
    assert [f"{step.split(' =')[0]} --help" for step in steps()] == found["test"]["commands"][: len(steps())]


def test_recipe_builds_with_what_the_build_asks_for():
    wanted = re.search(r"^requires = \[(.*)\]", (REPOSITORY / "pyproject.toml").read_text(), re.M)[1]
    needed = {entry.name: str(entry.specifier) for entry in map(Requirement, re.findall(r'"(.*?)"', wanted))}
    host = by_name(recipe()["requirements"]["host"])
    assert {name: host.get(name) for name in needed} == needed


def test_environment_asks_for_what_setup_cfg_asks_for():
    environment = yaml.safe_load((CONTAINERS / "conda" / "environment.yml").read_text())
    found = by_name(environment["dependencies"])
    assert {name: bounds for name, bounds in found.items() if name not in ENVIRONMENT_ONLY} == required()
    assert found["python"].startswith(config()["options"]["python_requires"])
    assert environment["channels"] == ["conda-forge", "bioconda"]


@pytest.mark.parametrize("kind", ["cpu", "cuda"])
def test_lock_holds_hashes_of_what_the_constraints_pin(kind):
    pinned = re.findall(r"^([\w.-]+)==(\S+)", (REPOSITORY / "constraints.txt").read_text(), re.M)
    pins = {canonicalize_name(name): version for name, version in pinned}
    entries = re.findall(
        r"^([\w.-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
        (CONTAINERS / "locks" / f"{kind}.txt").read_text(),
        re.M,
    )
    locked = {canonicalize_name(name): version for name, version, _ in entries}
    assert {
        canonicalize_name(Requirement(line).name) for line in config()["options"]["install_requires"].split()
    } <= set(locked)
    assert {name: version.split("+")[0] for name, version in locked.items() if name in pins} == {
        name: pins[name] for name in locked if name in pins
    }
    has_cuda = any(name.startswith("nvidia-") for name in locked)
    assert has_cuda == (kind == "cuda")
    assert locked["torch"].endswith("+cpu") == (kind == "cpu")


def test_definition_and_dockerfile_name_the_same_base_and_version():
    dockerfile = (CONTAINERS / "Dockerfile").read_text()
    definition = (CONTAINERS / "clrna.def").read_text()
    base = re.search(r"^ARG BASE_IMAGE=(\S+)$", dockerfile, re.M)[1]
    assert f"BASE_IMAGE={base}\n" in definition
    assert ":" in base
    assert dockerfile.count(base) == 1
    for text in (dockerfile, definition):
        assert re.search(r"\bVERSION=(\S+)", text)[1] == __version__
    assert "ENTRYPOINT" not in dockerfile


@pytest.mark.parametrize("name", ["install.sh", "inside.sh", "clrna.def"])
def test_scripts_name_every_step(name):
    text = (CONTAINERS / name).read_text()
    for step in steps():
        # `clrna` itself stands before other names: a word, and neither a file's nor a folder's.
        assert re.search(rf"(?<![\w./]){step.split(' =')[0].removeprefix('clrna-')}(?![\w./-])", text), step


def test_build_context_holds_what_the_build_copies():
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    for line in ignored[1:]:
        if line.startswith("!"):
            assert (REPOSITORY / line[1:]).exists(), line


@pytest.mark.parametrize("script", sorted(path.name for path in CONTAINERS.glob("*.sh")))
def test_scripts_parse(script):
    shell = "bash" if "bash" in (CONTAINERS / script).read_text().splitlines()[0] else "sh"
    subprocess.run([shell, "-n", str(CONTAINERS / script)], check=True)


def run_step(words: list[str], tmp_path: Path) -> subprocess.CompletedProcess:
    """Run the definition's %runscript with executables that print their own names."""
    definition = (CONTAINERS / "clrna.def").read_text()
    body = re.search(r"^%runscript\n(.*?)^%test", definition, re.M | re.S)[1]
    for step in steps():
        tool = tmp_path / step.split(" =")[0]
        tool.write_text('#!/bin/sh\necho "$(basename "$0")" "$@"\n')
        tool.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    return subprocess.run(["sh", "-c", body, "sh", *words], capture_output=True, text=True, env=environment)


@pytest.mark.parametrize(
    ("words", "status", "output"),
    [
        (["train", "a b.h5ad", "-o", "m"], 0, "clrna-train a b.h5ad -o m\n"),
        (["clrna", "train", "a b.h5ad"], 0, "clrna train a b.h5ad\n"),
        (["clrna-encode", "--help"], 0, "clrna-encode --help\n"),
        ([], 0, "usage: "),
        (["tune"], 2, ""),
    ],
)
def test_runscript_dispatches(words, status, output, tmp_path):
    done = run_step(words, tmp_path)
    assert done.returncode == status
    assert done.stdout.startswith(output)
    assert status == 0 or "is no step" in done.stderr


@pytest.mark.parametrize("name", ["train.sbatch", "encode-array.sbatch"])
@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_job_without_its_variables_says_which(name, tmp_path):
    script = CONTAINERS / "slurm" / name
    done = subprocess.run(
        ["bash", str(script)], capture_output=True, text=True, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}
    )
    assert done.returncode != 0
    assert "SIF: name the image" in done.stderr
    assert not list(tmp_path.iterdir())


def test_train_job_asks_for_its_signal_before_the_end():
    text = (CONTAINERS / "slurm" / "train.sbatch").read_text()
    assert re.search(r"^#SBATCH --signal=TERM@\d+$", text, re.M)
    assert "#SBATCH --requeue\n" in text
    assert "--resume" in text


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_wrappers_of_a_cluster_module_pass_their_words_on(tmp_path):
    page = (REPOSITORY / "docs" / "containers.md").read_text()
    block = re.search(r"((?: {4}.*\n)*) {4}mkdir -p /apps/clrna/VERSION/bin\n(?: {4}.*\n)+", page)[0]
    subprocess.run(["bash", "-euc", block.replace("/apps/", f"{tmp_path}/")], check=True)
    wrappers = tmp_path / "clrna" / "VERSION" / "bin"
    assert {path.name for path in wrappers.iterdir()} == {step.split(" =")[0] for step in steps()}
    engine = tmp_path / "apptainer"
    engine.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    engine.chmod(0o755)
    done = subprocess.run(
        [wrappers / "clrna-train", "a b.h5ad", "-o", "$HOME"],
        capture_output=True, text=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )  # fmt: skip
    words = done.stdout.splitlines()
    assert words == [
        "exec", "--nv", f"{tmp_path}/clrna/VERSION/clrna-cuda.sif", "clrna-train", "a b.h5ad", "-o", "$HOME",
    ]  # fmt: skip


def release_jobs() -> dict:
    return yaml.safe_load((REPOSITORY / ".github" / "workflows" / "release.yml").read_text())["jobs"]


def test_nothing_is_published_before_every_lock_was_audited():
    jobs = release_jobs()
    audit = "\n".join(step.get("run", "") for step in jobs["audit"]["steps"])
    assert re.search(r"pip-audit==\d", audit)
    locks = {path.stem for path in (CONTAINERS / "locks").glob("*.txt")}
    assert set(re.search(r"for lock in (.*); do", audit)[1].split()) == locks

    def needs(name: str) -> set[str]:
        own = jobs[name].get("needs", [])
        own = [own] if isinstance(own, str) else own
        return set(own).union(*map(needs, own))

    for job in ("image", "manifest", "sif", "files", "pypi"):
        assert "audit" in needs(job), job


def test_what_the_audit_reads_of_a_lock_is_every_version(tmp_path):
    audit = "\n".join(step.get("run", "") for step in release_jobs()["audit"]["steps"])
    script = re.search(r"sed '(.*)' \"containers", audit)[1]
    for lock in (CONTAINERS / "locks").glob("*.txt"):
        read = subprocess.run(["sed", script, str(lock)], capture_output=True, text=True, check=True).stdout
        lines = [line for line in read.splitlines() if not line.startswith("#")]
        assert lines == re.findall(r"^([\w.-]+==[\w.]+)", lock.read_text(), re.M)


def test_actions_are_pinned_by_commit_but_for_one_that_says_why():
    for path in (REPOSITORY / ".github").rglob("*.yml"):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            used = re.search(r"uses: ([^ ]+)", line)
            if used and not used[1].startswith("./") and not re.search(r"@[0-9a-f]{40}$", used[1]):
                assert "No commit of this action could be verified" in lines[number - 1], f"{path.name}: {line}"


def test_images_run_as_a_number_that_is_not_root():
    """Of the stages that are shipped, none names another user later."""
    lines = (CONTAINERS / "Dockerfile").read_text().splitlines()
    shipped = lines[next(number for number, line in enumerate(lines) if line.endswith(" AS runtime")) :]
    users = [line.split()[1] for line in shipped if line.startswith("USER ")]
    assert len(users) == 1
    uid, gid = (int(number) for number in users[0].split(":"))
    assert uid > 999
    assert gid > 999
    page = (REPOSITORY / "docs" / "containers.md").read_text()
    assert str(uid) in page
    assert "--user 0:0" in page


def test_the_pipeline_names_a_user_for_every_engine_that_takes_one():
    text = (REPOSITORY / "nextflow" / "nextflow.config").read_text()
    assert re.search(r"docker\.runOptions\s+= '-u \$\(id -u\):\$\(id -g\)'", text)
    assert re.search(r"podman\.runOptions\s+= '--user 0:0'", text)
    for cloud in ("awsbatch", "googlebatch"):
        assert re.search(rf"{cloud} {{[^}}]*process\.containerOptions = '--user 0:0'", text)
    assert re.search(r"k8s {[^}]*k8s\.securityContext = \[runAsUser: 0, ", text)
    gpu = (REPOSITORY / "nextflow" / "conf" / "gpu.config").read_text()
    assert "task.executor in ['awsbatch', 'google-batch'] ? '--user 0:0'" in gpu
