"""The pipeline in the real Nextflow. Run by ``make test-nextflow``, not by ``make test``: it takes minutes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import h5py
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from engine import BIN, PIPELINE, REPOSITORY, Nextflow, engines, nextflow_command, table

if nextflow_command() is None:
    pytest.skip("nextflow is neither on the PATH nor among the engine scripts", allow_module_level=True)

SIMULATED = REPOSITORY / "test-data" / "simulated"
STUDIES = ("SIM1", "SIM2", "SIM3")
HELD = ("--hold_out", "SIM3")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nextflow")


@pytest.fixture(scope="module")
def nextflow(root: Path) -> Nextflow:
    return Nextflow(root / "runs", root / "home")


@pytest.fixture(scope="module")
def finished(nextflow: Nextflow) -> Path:
    """A run that was killed while it trained, then resumed to its end."""
    nextflow.run_until("CLRNA_TRAIN", *HELD)
    nextflow.run(*HELD, "-resume")
    return nextflow.folder / "out"


def test_lint(nextflow: Nextflow) -> None:
    printed = nextflow.call([str(nextflow.command), "lint", "-o", "json", str(PIPELINE)])
    found = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    assert found["errors"] == []
    assert found["summary"]["filesWithoutErrors"] > 20


def test_schema_lint(nextflow: Nextflow) -> None:
    nf_core = os.environ.get("NF_CORE") or shutil.which("nf-core")
    if not nf_core:
        pytest.skip("nf-core is not on the PATH")
    copy = nextflow.folder / "schema"
    shutil.copytree(PIPELINE, copy)
    done = subprocess.run(
        [nf_core, "pipelines", "schema", "lint", "nextflow_schema.json"],
        cwd=copy, env=nextflow.env, capture_output=True, text=True,
    )  # fmt: skip
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 0, said
    assert "Pipeline schema looks valid" in said and "Default parameters match schema validation" in said


@pytest.mark.parametrize("mode", ["full", "leave-one-out", "sweep"])
def test_stub_run(root: Path, nextflow: Nextflow, mode: str) -> None:
    stub = Nextflow(root / "stub" / mode, root / "home")
    more = ["--sweep", str(PIPELINE / "assets" / "test_sweep.csv"), *HELD] if mode == "sweep" else []
    stub.run("-stub-run", "--mode", mode, *more)
    trainings = {"full": 1, "leave-one-out": 3, "sweep": 2}[mode]
    assert len(stub.trace()) == 3 + 1 + 1 + trainings * (1 + 3 + 1 + 1)
    assert len(list((stub.folder / "out" / "encoded").glob("*.h5ad"))) == 3 * trainings
    versions = (stub.folder / "out" / "pipeline_info" / "versions.yml").read_text()
    assert versions.count("clrna: ") == 7


def test_a_module_is_used_with_a_single_include(root: Path) -> None:
    other = Nextflow(root / "other", root / "home")
    script = other.folder / "main.nf"
    script.write_text(
        f"include {{ CLRNA_NORMALIZE }} from '{PIPELINE}/modules/clrna/normalize'\n"
        "workflow {\n"
        f"    CLRNA_NORMALIZE([[id: 'mine'], file('{SIMULATED}/SIM3.h5ad')], [], [])\n"
        '    CLRNA_NORMALIZE.out.h5ad.view { item -> "made ${item[1].name}" }\n'
        "}\n"
    )
    assert "made mine.h5ad" in other.call([str(other.command), "run", str(script)])


MISTAKES = [
    (["--train_epocs", "3"], ["--train_epocs: there is no such parameter (did you mean train_epochs?)"]),
    (
        ["--train_epochs", "x", "--seed", "-1", "--train_preset", "big", "--input", "none.csv"],
        ["--train_epochs: 'x' is no whole number", "--seed: -1 is not at least 0", "--train_preset: 'big' is none of",
         "none.csv: no such file"],
    ),
    (["--hold_out", "SIM9"], ["--hold_out: SIM9 is not in the samplesheet; its studies are SIM1, SIM2, SIM3"]),
    (["--mode", "encode"], ["--model: is missing"]),
    (
        ["--mode", "sweep", "--hold_out", "SIM1", "--sweep", "sweep.csv"],
        ["sweep.csv: column 'epocs' is unknown (did you mean epochs?)"],
    ),
    (
        ["--input", "sheet.csv"],
        ["sheet.csv, row 1, path: ", "none.tsv: no such file", "row 2, orientation: 'up' is none of auto"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), MISTAKES)
def test_mistakes_are_found_before_anything_runs(root: Path, words: list[str], said: list[str]) -> None:
    mistaken = Nextflow(root / "mistakes", root / "home")
    (mistaken.folder / "sweep.csv").write_text("epocs\n3\n")
    (mistaken.folder / "sheet.csv").write_text("study,path,orientation\nA,none.tsv,\nB,sheet.csv,up\n")
    printed = mistaken.run(*words, status=1)
    for text in said:
        assert text in printed
    assert "Submitted process" not in printed


def test_a_killed_run_is_resumed_where_it_was(nextflow: Nextflow, finished: Path) -> None:
    trace = nextflow.trace()
    before = {f"CLRNA_NORMALIZE ({study})" for study in STUDIES} | {"CLRNA_MERGE (merged)"}
    assert {name for name, row in trace.items() if row["status"] == "CACHED"} >= before
    assert trace["CLRNA_TRAIN (clrna)"]["status"] == "COMPLETED"


def test_resuming_a_finished_run_runs_nothing(nextflow: Nextflow, finished: Path) -> None:
    nextflow.run(*HELD, "-resume")
    assert {row["status"] for row in nextflow.trace().values()} == {"CACHED"}
    assert len(nextflow.trace()) == 11


def test_the_results_are_those_of_the_executables(root: Path, finished: Path) -> None:
    own = root / "own"
    own.mkdir()

    def clrna(step: str, *words: str) -> None:
        seed = () if step == "encode" else ("--seed", "7")
        done = subprocess.run(
            [str(BIN / f"clrna-{step}"), *words, *seed, "--threads", "1"],
            cwd=own, capture_output=True, text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONNOUSERSITE": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    table_of = ("--metadata", str(SIMULATED / "metadata.tsv"))
    clrna(
        "normalize",
        str(SIMULATED / "SIM1.tsv.gz"),
        "-o",
        "SIM1.h5ad",
        "--study",
        "SIM1",
        "--input-scale",
        "counts",
        *table_of,
    )
    clrna("normalize", str(SIMULATED / "SIM2.csv.gz"), "-o", "SIM2.h5ad", "--study", "SIM2", *table_of)
    clrna("normalize", str(SIMULATED / "SIM3.h5ad"), "-o", "SIM3.h5ad", "--study", "SIM3")
    clrna("normalize", "SIM1.h5ad", "SIM2.h5ad", "SIM3.h5ad", "-o", "merged.h5ad")
    clrna("train", "merged.h5ad", "-o", "clrna.safetensors", "--history", "clrna.history.tsv",
          "--card", "clrna.card.md", "--device", "cpu", "--epochs", "3", "--exclude-study", "SIM3")  # fmt: skip
    encoded = []
    for study in STUDIES:
        clrna("encode", f"{study}.h5ad", "-m", "clrna.safetensors", "-o", f"{study}.encoded.h5ad", "--device", "cpu")
        encoded.append(f"{study}.encoded.h5ad")
    clrna("baseline", "merged.h5ad", "-o", "baselines.h5ad")
    clrna("score", "baselines.h5ad", *encoded, "-o", "clrna.scores.tsv", "--bootstrap", "20")
    made = {path.name: path for path in finished.rglob("*") if path.is_file()}
    for path in sorted(own.iterdir()):
        assert made[path.name].read_bytes() == path.read_bytes(), f"{path.name} is another than the executable's own"
    report = (finished / "report" / "clrna.html").read_text()
    assert "SIM3" in report and "</html>" in report


def test_encode_only_gives_the_same_codes(root: Path, nextflow: Nextflow, finished: Path) -> None:
    model = finished / "model" / "clrna.safetensors"
    nextflow.run("--mode", "encode", "--model", str(model), "-resume", out="encode")
    assert not any("TRAIN" in name for name in nextflow.trace("encode"))
    for study in STUDIES:
        name = f"encoded/{study}.encoded.h5ad"
        assert (nextflow.folder / "encode" / name).read_bytes() == (finished / name).read_bytes()
    assert (nextflow.folder / "encode" / "report" / "report.html").stat().st_size > 100_000


def test_a_fetched_study_and_a_token_that_nextflow_keeps(root: Path, nextflow: Nextflow, finished: Path) -> None:
    # In a folder of its own: -resume goes on from the last run of a folder, and the tests below from `finished`.
    fetching = Nextflow(root / "fetching", root / "home")
    fetching.call([str(nextflow.command), "secrets", "set", "MODAC_TOKEN", "t0ken-of-nobody"])
    (fetching.folder / "fetch.csv").write_text(f"study,fetch\nSIM3,file://{SIMULATED}/SIM3.h5ad\n")
    model = finished / "model" / "clrna.safetensors"
    fetching.run("--mode", "encode", "--model", str(model), "--input", "fetch.csv", "--modac_secret")
    trace = fetching.trace()
    assert len(trace) == 5
    mine, theirs = (
        h5py.File(folder / "encoded" / "SIM3.encoded.h5ad") for folder in (fetching.folder / "out", finished)
    )
    assert (mine["obsm/X_clrna"][()] == theirs["obsm/X_clrna"][()]).all()
    (work,) = (fetching.folder / "work").glob(f"{trace['CLRNA_FETCH (SIM3)']['hash']}*")
    written = "".join(path.read_text() for path in work.glob(".command.*"))
    assert "MODAC_TOKEN" in written and "t0ken-of-nobody" not in written


def test_leave_one_out(nextflow: Nextflow, finished: Path) -> None:
    from clrna.model.model_file import load_model

    nextflow.run("--mode", "leave-one-out", "-resume", out="loso")
    assert nextflow.trace("loso")["CLRNA_BASELINE (baselines)"]["status"] == "CACHED"
    folder = nextflow.folder / "loso"
    rows = table(folder / "scores" / "summary.tsv")
    mine = [row for row in rows if row["embedding"] == "X_clrna" and row["metric"] == "transfer_f1"]
    assert [row["held_out"] for row in mine] == [*STUDIES, "mean"]
    values = [float(row["value"]) for row in mine]
    assert values[3] == pytest.approx(sum(values[:3]) / 3, abs=1e-6)
    assert {row["embedding"] for row in rows} == {"X_clrna", "X_pca", "X_combat", "X_harmony", "X_standardized"}
    for study in STUDIES:
        assert list(load_model(folder / "model" / f"without_{study}.safetensors").training_studies) == [
            other for other in STUDIES if other != study
        ]


def test_sweep(nextflow: Nextflow, finished: Path) -> None:
    sweep = str(PIPELINE / "assets" / "test_sweep.csv")
    with_multiqc = ["--multiqc"] if shutil.which("multiqc") else []
    nextflow.run("--mode", "sweep", "--sweep", sweep, *HELD, *with_multiqc, "-resume", out="sweep")
    folder = nextflow.folder / "sweep"
    assert (folder / "multiqc" / "multiqc.html").exists() == bool(with_multiqc)
    rows = table(folder / "scores" / "summary.tsv")
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert {(row["training"], row["latent_dim"], row["seed"]) for row in rows} == {
        ("training1", "20", "1"),
        ("training2", "50", "2"),
    }
    scores = [float(row["transfer_f1"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    best = folder / "model" / f"{rows[0]['training']}.safetensors"
    assert (folder / "model" / "best.safetensors").read_bytes() == best.read_bytes()
    assert (folder / "model" / f"{rows[1]['training']}.safetensors").read_bytes() != best.read_bytes()


def test_a_sample_that_fails_stops_the_run_with_its_message(root: Path) -> None:
    failing = Nextflow(root / "failing", root / "home")
    whole = (SIMULATED / "SIM3.h5ad").read_bytes()
    (failing.folder / "cut.h5ad").write_bytes(whole[: len(whole) // 2])
    (failing.folder / "sheet.csv").write_text(f"study,path\nGOOD,{SIMULATED}/SIM3.h5ad\nBAD,cut.h5ad\n")
    printed = failing.run("--input", "sheet.csv", status=1)
    assert "CLRNA_NORMALIZE (BAD)" in printed
    last = [line for line in printed.splitlines() if line.startswith("ERROR")][-1]
    assert last.startswith("ERROR ~ clrna-normalize: error: input/cut.h5ad: is damaged or truncated")
    assert not (failing.folder / "out" / "merged").exists()


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


def test_slurm_with_apptainer(root: Path, slurm: dict[str, str], finished: Path) -> None:
    """The same pipeline as SLURM jobs inside the image; without an image (SIF=...), as SLURM jobs outside."""
    cluster = Nextflow(root / "cluster", root / "home")
    cluster.env |= slurm
    image = os.environ.get("SIF")
    config = cluster.folder / "here.config"
    engines_bin = Path(os.environ.get("ENGINES_HOME") or Path.home() / ".cache" / "clrna-engines") / "bin"
    if image:
        cluster.env["PATH"] = f"{engines_bin}:{cluster.env['PATH']}"
        config.write_text(FAST + f"process {{ withName: 'CLRNA_.*' {{ container = '{Path(image).resolve()}' }} }}\n")
    else:
        config.write_text(FAST)
    profile = "test,slurm,apptainer" if image else "test,slurm"
    # The nodes see the folder of the run; the repository may lie elsewhere.
    shutil.copytree(SIMULATED, cluster.folder / "simulated")
    sheet = (PIPELINE / "assets" / "test_samplesheet.csv").read_text().replace("../../test-data/", "")
    (cluster.folder / "sheet.csv").write_text(sheet)
    cluster.run(*HELD, "--input", "sheet.csv", "-c", str(config), profile=profile)
    trace = cluster.trace()
    assert len(trace) == 11 and {row["status"] for row in trace.values()} == {"COMPLETED"}
    assert all(row["native_id"].isdigit() for row in trace.values())
    if not image:
        made = {path.name: path for path in (cluster.folder / "out").rglob("*.h5ad")}
        assert all(path.read_bytes() == made[path.name].read_bytes() for path in finished.rglob("*.h5ad"))
    mine, here = ({_key(row): row["value"] for row in table(folder / "scores" / "clrna.scores.tsv")}
                  for folder in (cluster.folder / "out", finished))  # fmt: skip
    assert mine.keys() == here.keys()
    headline = [key for key in mine if key[:2] == ("X_clrna", "transfer_f1")]
    assert headline and all(float(mine[key] or 0) == pytest.approx(float(here[key] or 0), abs=0.02) for key in headline)
    if image:
        runs = list((cluster.folder / "work").glob("*/*/.command.run"))
        assert runs and all("apptainer exec" in path.read_text() for path in runs)


def _key(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("embedding", "metric", "label_key", "split", "study"))


def test_slurm_gives_gpus_to_the_steps_that_take_them(root: Path, slurm: dict[str, str]) -> None:
    cluster = Nextflow(root / "gpus", root / "home")
    cluster.env |= slurm
    config = cluster.folder / "here.config"
    config.write_text(FAST + "process.beforeScript = 'echo \"${CUDA_VISIBLE_DEVICES:-none}\" > gpus.txt'\n")
    cluster.run("-stub-run", "--gpus", "2", "-c", str(config), profile="test,slurm,gpu")
    for name, row in cluster.trace().items():
        (work,) = (cluster.folder / "work").glob(f"{row['hash']}*")
        takes = name.startswith(("CLRNA_TRAIN", "CLRNA_ENCODE"))
        assert ("#SBATCH --gres=gpu:2" in (work / ".command.run").read_text()) == takes, name
        assert (work / "gpus.txt").read_text().strip() == ("0,1" if takes else "none"), name
