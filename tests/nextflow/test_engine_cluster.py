"""The pipeline on a real SLURM of one node, outside and inside the image."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from engine import PIPELINE, REPOSITORY, Nextflow, apptainer_folder, engines, table

pytestmark = pytest.mark.engine
SIMULATED = REPOSITORY / "test-data" / "simulated"
HELD = ("--hold_out", "SIM3")


@pytest.fixture(scope="module")
def slurm() -> Iterator[dict[str, str]]:
    """Bring up a one-node SLURM with two GPUs that are none; yields the environment of its users."""
    scripts = engines() / "slurm"
    if not scripts.is_dir() or not (shutil.which("slurmctld") or Path("/usr/sbin/slurmctld").exists()):
        pytest.skip("SLURM is not installed, or there are no engine scripts to start it")
    folder = Path(tempfile.mkdtemp(prefix="clrna-slurm-"))  # pytest's own folders are closed to munge
    folder.chmod(0o755)
    settings = {**os.environ, "CPUS": "4", "MEM": "9000", "GPUS": "2", "PORT": os.environ.get("SLURM_PORT", "6931")}
    subprocess.run([scripts / "slurm-up.sh", folder], env=settings, check=True, timeout=120)
    try:
        yield {"SLURM_CONF": str(folder / "slurm.conf")}
    finally:
        subprocess.run([scripts / "slurm-down.sh", folder], check=False, timeout=120)
        shutil.rmtree(folder)


FAST = "executor { pollInterval = '1s'; queueStatInterval = '1s'; submitRateLimit = null }\n"


@pytest.fixture(scope="module")
def image() -> Path:
    """The Apptainer image to run in, and no less than a program that runs it."""
    sif = os.environ.get("SIF")
    if not sif:
        pytest.skip("no image in SIF: the jobs do not run inside Apptainer")
    return Path(sif).resolve()


def on_cluster(folder: Path, home: Path, slurm: dict[str, str], *config: str, image: Path | None = None) -> Nextflow:
    """Return a folder of runs that the nodes see whole, with its samplesheet and configuration."""
    cluster = Nextflow(folder, home)
    cluster.env |= slurm
    process = f"process {{ withName: 'CLRNA_.*' {{ container = '{image}' }} }}\n" if image else ""
    (cluster.folder / "here.config").write_text(FAST + process + "".join(config))
    if image:
        cluster.env["PATH"] = f"{apptainer_folder()}:{cluster.env['PATH']}"
    shutil.copytree(SIMULATED, cluster.folder / "simulated")
    sheet = (PIPELINE / "assets" / "test_samplesheet.csv").read_text().replace("../../test-data/", "")
    (cluster.folder / "sheet.csv").write_text(sheet)
    return cluster


WORDS = ("--input", "sheet.csv", "-c", "here.config")


def test_slurm_gives_the_same_files(root: Path, slurm: dict[str, str], finished: Path) -> None:
    cluster = on_cluster(root / "cluster", root / "home", slurm)
    cluster.run(*HELD, *WORDS, profile="test,slurm")
    trace = cluster.trace()
    assert len(trace) == 11 and {row["status"] for row in trace.values()} == {"COMPLETED"}
    assert all(row["native_id"].isdigit() for row in trace.values())
    made = {path.name: path for path in (cluster.folder / "out").rglob("*.h5ad")}
    theirs = {path.name: path for path in finished.rglob("*.h5ad")}
    assert made.keys() == theirs.keys()
    assert all(path.read_bytes() == made[name].read_bytes() for name, path in theirs.items())


def test_slurm_with_apptainer(root: Path, slurm: dict[str, str], image: Path, finished: Path) -> None:
    """The same pipeline as SLURM jobs inside the image, whose libraries may be others than those outside."""
    cluster = on_cluster(root / "inside", root / "home", slurm, image=image)
    cluster.run(*HELD, *WORDS, profile="test,slurm,apptainer")
    trace = cluster.trace()
    assert len(trace) == 11 and {row["status"] for row in trace.values()} == {"COMPLETED"}
    assert all(row["native_id"].isdigit() for row in trace.values())
    mine, here = ({_key(row): row["value"] for row in table(folder / "scores" / "clrna.scores.tsv")}
                  for folder in (cluster.folder / "out", finished))  # fmt: skip
    assert mine.keys() == here.keys()
    headline = [key for key in mine if key[:2] == ("X_clrna", "transfer_f1")]
    assert headline and all(float(mine[key] or 0) == pytest.approx(float(here[key] or 0), abs=0.02) for key in headline)
    runs = list((cluster.folder / "work").glob("*/*/.command.run"))
    assert len(runs) == 11 and all("apptainer exec" in path.read_text() for path in runs)


def _key(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("embedding", "metric", "label_key", "split", "study"))


def test_slurm_gives_gpus_to_the_steps_that_take_them(root: Path, slurm: dict[str, str]) -> None:
    written = "process.beforeScript = 'echo \"${CUDA_VISIBLE_DEVICES:-none}\" > gpus.txt'\n"
    cluster = on_cluster(root / "gpus", root / "home", slurm, written)
    cluster.run("-stub-run", "--gpus", "2", *WORDS, profile="test,slurm,gpu")
    for name, row in cluster.trace().items():
        work = cluster.work_of(row)
        takes = name.startswith(("CLRNA_TRAIN", "CLRNA_ENCODE"))
        assert ("#SBATCH --gres=gpu:2" in (work / ".command.run").read_text()) == takes, name
        assert (work / "gpus.txt").read_text().strip() == ("0,1" if takes else "none"), name


def test_the_gpus_that_slurm_gives_are_known_inside_the_image(root: Path, slurm: dict[str, str], image: Path) -> None:
    """A process of its own, since the stub of a step does not look at its GPUs."""
    cluster = on_cluster(root / "seen", root / "home", slurm)
    (cluster.folder / "nextflow.config").write_text(f"includeConfig '{PIPELINE}/nextflow.config'\n")
    (cluster.folder / "main.nf").write_text(
        "process SEEN {\n    label 'process_gpu'\n"
        f"    container '{image}'\n    input: val meta\n    output: path 'seen.txt'\n"
        "    script: 'ls -d /.singularity.d > seen.txt; echo gpus=$CUDA_VISIBLE_DEVICES >> seen.txt'\n}\n"
        "workflow { SEEN([id: 'gpu']).view { item -> item.text } }\n"
    )
    cluster.env["PATH"] = f"{apptainer_folder()}:{cluster.env['PATH']}"
    words = ["run", "main.nf", "-profile", "test,slurm,gpu,apptainer", "-c", "here.config", "--gpus", "2"]
    assert "/.singularity.d\ngpus=0,1\n" in cluster.call([str(cluster.command), *words])


def test_a_lacking_multiqc_is_found_before_training(root: Path, slurm: dict[str, str]) -> None:
    cluster = on_cluster(root / "lacking", root / "home", slurm)
    folders = cluster.env["PATH"].split(":")
    cluster.env["PATH"] = ":".join(folder for folder in folders if not (Path(folder) / "multiqc").exists())
    printed = cluster.run("-stub-run", "--multiqc", *WORDS, profile="test,slurm", status=1)
    said = [line for line in printed.splitlines() if line.startswith("ERROR")][-1]
    assert said.startswith("ERROR ~ multiqc: error: there is no multiqc where the tasks run; ")
    assert "CLRNA_TRAIN" not in printed
