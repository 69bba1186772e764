"""What the real Nextflow makes of the pipeline's files, profiles and parameters: quick runs, of stubs at most."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from engine import PIPELINE, REPOSITORY, Nextflow, table

from clrna import __version__

pytestmark = pytest.mark.engine
SIMULATED = REPOSITORY / "test-data" / "simulated"
HELD = ("--hold_out", "SIM3")
PROFILES = ("docker", "podman", "singularity", "apptainer", "conda", "slurm", "gpu", "test", "test_full")
ENGINES = PROFILES[:5]


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


@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_configures(nextflow: Nextflow, profile: str) -> None:
    said = nextflow.config("-profile", profile)
    for engine in ENGINES:
        # An engine switches off what a site's configuration may have switched on.
        if profile in ENGINES:
            assert f"{engine}.enabled = {'true' if engine == profile else 'false'}" in said
        else:
            assert f"{engine}.enabled" not in said
    changes = {
        "slurm": "process.executor = 'slurm'",
        "gpu": "apptainer.envWhitelist = 'CUDA_VISIBLE_DEVICES'",
        "test": "params.train_epochs = 3",
        "test_full": "params.hold_out = 'NCI60'",
    }
    assert changes.get(profile, "") in said


@pytest.mark.parametrize("parser", ["v1", "v2"])
def test_slurm_hands_out_gpus_in_whatever_order_the_profiles_are_named(nextflow: Nextflow, parser: str) -> None:
    for profiles in ("slurm,gpu", "gpu,slurm"):
        said = nextflow.config("-profile", profiles, parser=parser)
        # A name outranks a label, so that the one task at a time of the profile gpu does not hold on a cluster.
        (name,) = re.findall(r"process\.'?withName:(.*?)'?\.maxForks = 0$", said, flags=re.MULTILINE)
        assert all(re.fullmatch(name, process) for process in ("CLRNA_TRAIN", "CLRNA_ENCODE"))
        assert "--gres=gpu:" in said and re.search(r"accelerator = (?!null)", said)


def test_the_images_of_each_profile(nextflow: Nextflow) -> None:
    names = ("FETCH", "NORMALIZE", "TRAIN", "ENCODE", "BASELINE", "SCORE", "MATCH", "EXPLAIN", "PLOT")
    steps = {f"CLRNA_{name}" for name in names}
    docker, apptainer, plain = (nextflow.images(profile) for profile in ("docker,gpu", "apptainer,gpu", "apptainer"))
    for images, image in ((docker, "ghcr.io/clrna/clrna"), (apptainer, "oras://ghcr.io/clrna/clrna-sif")):
        assert images.keys() == {*steps, "MULTIQC", "MULTIQC_VERSION"}
        for name in steps:
            cuda = "-cuda" if name in ("CLRNA_TRAIN", "CLRNA_ENCODE") else ""
            assert images[name] == f"{image}:{__version__}{cuda}"
        assert images["MULTIQC"] == images["MULTIQC_VERSION"] and "multiqc:" in images["MULTIQC"]
    assert {plain[name] for name in steps} == {f"oras://ghcr.io/clrna/clrna-sif:{__version__}"}


def test_stub_run_of_the_full_test_with_the_strict_parser(root: Path) -> None:
    stub = Nextflow(root / "stub" / "test_full", root / "home")
    printed = stub.run("-stub-run", profile="test_full", parser="v2")
    assert printed.count("Submitted process") == 2 + 1 + 1 + 1 + 2 + 1 + 1
    assert {path.name for path in (stub.folder / "out" / "encoded").iterdir()} == {
        "CCLE.encoded.h5ad", "NCI60.encoded.h5ad",
    }  # fmt: skip
    versions = (stub.folder / "out" / "pipeline_info" / "versions.yml").read_text()
    assert versions.count("clrna: ") == 7


def test_a_training_that_is_added_to_a_sweep_leaves_the_others_as_they_are(root: Path) -> None:
    stub = Nextflow(root / "stub" / "sweep", root / "home")
    (stub.folder / "sweep.csv").write_text("latent_dim,seed\n20,1\n50,2\n")
    stub.run("-stub-run", "--mode", "sweep", "--sweep", "sweep.csv", *HELD)
    assert len(stub.trace()) == 3 + 1 + 1 + 2 * (1 + 3 + 1 + 1)
    (stub.folder / "sweep.csv").write_text("latent_dim,seed,id,epochs\n30,3,new,4\n20,1,,\n50,2,,\n")
    stub.run("-stub-run", "--mode", "sweep", "--sweep", "sweep.csv", *HELD, "-resume")
    fresh = {name for name, status in stub.statuses().items() if status != "CACHED"}
    assert fresh == {
        *(f"CLRNA_{step} (new)" for step in ("TRAIN", "SCORE", "PLOT")),
        *(f"CLRNA_ENCODE (SIM{number}.new)" for number in (1, 2, 3)),
    }
    rows = table(stub.folder / "out" / "scores" / "summary.tsv")
    assert {row["training"] for row in rows} == {"new", "latent_dim-20_seed-1", "latent_dim-50_seed-2"}


def test_a_sweep_puts_the_best_first_and_those_without_a_score_last(root: Path) -> None:
    ranking = Nextflow(root / "ranking", root / "home")
    (ranking.folder / "main.nf").write_text(
        f"include {{ compareScores }} from '{PIPELINE}/functions/summary.nf'\n"
        "workflow {\n"
        "    def scores = [none: null, b: 0.0d, a: 0.0d, c: 0.5d]\n"
        "    def list = scores.collect { id, score -> [id: id, score: score] }\n"
        "    println(list.toSorted { one, two -> compareScores(one, two) }.collect { item -> item.id })\n"
        "}\n"
    )
    assert "[c, a, b, none]\n" in ranking.call([str(ranking.command), "run", "main.nf"])


def test_a_task_killed_for_memory_is_tried_again_with_more(root: Path) -> None:
    killed = Nextflow(root / "killed", root / "home")
    (killed.folder / "here.config").write_text(
        "executor.memory = '999 GB'\n"  # what this machine says it has; nothing is used
        "process.resourceLimits = [memory: 999.GB, cpus: 1]\n"
        "trace.fields = 'name,exit,status,memory'\n"
        "process { withName: CLRNA_TRAIN { beforeScript = { task.attempt == 1 ? 'exit 137' : '' } } }\n"
    )
    killed.run("-stub-run", "-c", "here.config")
    rows = table(killed.folder / "out" / "pipeline_info" / "trace.txt")
    tries = [row for row in rows if "CLRNA_TRAIN" in row["name"]]
    assert [(row["exit"], row["status"]) for row in tries] == [("137", "FAILED"), ("0", "COMPLETED")]
    first, second = (float(row["memory"].split()[0]) for row in tries)
    assert second == 2 * first
    assert all(row["status"] == "COMPLETED" for row in rows if row not in tries)


def test_a_small_machine_and_the_parameters_of_a_site_stop_nothing(root: Path) -> None:
    small = Nextflow(root / "small", root / "home")
    (small.folder / "m.safetensors").touch()
    (small.folder / "site.config").write_text(
        "params {\n    config_profile_name = 'university'\n    max_memory = 128.GB\n    igenomes = [base: 'x']\n}\n"
        "process { withLabel: process_medium { cpus = 999\n memory = 999.TB } }\n"
    )
    sheet = PIPELINE / "assets" / "test_samplesheet.csv"
    printed = small.call([
        str(small.command), "run", str(PIPELINE), "-stub-run", "-c", "site.config", "--outdir", "out",
        "--input", str(sheet), "--mode", "encode", "--model", "m.safetensors",
    ])  # fmt: skip
    assert "are not this pipeline's, and do nothing: config_profile_name, igenomes, max_memory" in printed
    assert set(small.statuses().values()) == {"COMPLETED"}


def test_help_and_version_print_and_end(root: Path) -> None:
    asked = Nextflow(root / "asked", root / "home")
    start = [str(asked.command), "run", str(PIPELINE)]
    printed = asked.call([*start, "--help"])
    for words in ("--input FILE\n", "--mode {full,encode,leave-one-out,sweep}\n", "clrna-train: ", "--train_epochs N"):
        assert words in printed
    assert f"clrna/clrna {__version__}\n" in asked.call([*start, "--version"])
    assert not [path.name for path in asked.folder.iterdir() if not path.name.startswith(".") and path.name != "work"]


MISTAKES = [
    (
        ["--train_epocs", "3", "--hold-out", "SIM3", "--trainEpochs=5", "--seed-it", "1", "-params-file", "wrong.json",
         "--publish_dir_mode", "move", "--plot_title"],
        ["--train_epocs: there is no such parameter (did you mean train_epochs?)",
         "--holdOut: there is no such parameter; write --hold_out",
         "--trainEpochs: there is no such parameter; write --train_epochs",
         "--seedIt: there is no such parameter", "--encode_adapted: there is no such parameter",
         "--multiqc: 'false' is a text; write it without quotes", "--train_hidden: is a list; write one text",
         "--publish_dir_mode: 'move' is none of copy", "--plot_title: is given without a value"],
    ),
    (
        ["--train_epochs", "x", "--seed", "-1", "--train_preset", "big", "--input", "none.csv", "--hold_out", "A;B",
         "--multiqc"],
        ["--train_epochs: 'x' is no whole number", "--seed: -1 is not at least 0", "--train_preset: 'big' is none of",
         "none.csv: no such file", "--multiqc: there is no multiqc on the PATH and no container profile",
         "--hold_out: 'A;B' is not a list of studies with commas between, as in --hold_out A,B"],
    ),
    (["--hold_out", "SIM3, SIM9"], ["--hold_out: SIM9 is not in the samplesheet; its studies are SIM1, SIM2, SIM3"]),
    (["--mode", "encode"], ["--model: is missing"]),
    (
        ["--mode", "sweep", "--hold_out", "SIM1", "--sweep", "sweep.csv"],
        ["sweep.csv: column 'epocs' is unknown (did you mean epochs?)"],
    ),
    (
        ["--mode", "sweep", "--hold_out", "SIM1", "--sweep", "twice.csv"],
        ["twice.csv: 2 rows are the training epochs-3; leave one of them, or name them in a column id"],
    ),
    (
        ["--input", "my sheet.csv"],
        ["my sheet.csv, row 1, path: ", "none.tsv: no such file", "row 2, orientation: 'up' is none of auto",
         "row 3, study: '-x' is not a name of letters", "row 4, study: 'true' is not a name of letters",
         "row 5, path: 'a$b.tsv' holds a dollar sign or a brace; give the file another name"],
    ),
    (["--fetch_from", "empty"], ["--fetch_from empty: holds no file"]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), MISTAKES)
def test_mistakes_are_found_before_anything_runs(root: Path, words: list[str], said: list[str]) -> None:
    mistaken = Nextflow(root / "mistakes", root / "home")
    without = [folder for folder in mistaken.env["PATH"].split(":") if not (Path(folder) / "multiqc").exists()]
    mistaken.env["PATH"] = ":".join(without)
    (mistaken.folder / "sweep.csv").write_text("epocs\n3\n")
    (mistaken.folder / "twice.csv").write_text("epochs,seed\n3,\n3,\n")
    (mistaken.folder / "my sheet.csv").write_text(
        "study,path,orientation\nA,none.tsv,\nB,sweep.csv,up\n-x,sweep.csv,\ntrue,sweep.csv,\nC,a$b.tsv,\n"
    )
    (mistaken.folder / "empty").mkdir(exist_ok=True)
    (mistaken.folder / "wrong.json").write_text('{"multiqc": "false", "train_hidden": [512, 128], "encode_adapted": 3}')
    printed = mistaken.run(*words, status=1)
    for text in said:
        assert text in printed
    assert "Submitted process" not in printed
