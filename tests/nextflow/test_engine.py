"""The pipeline in the real Nextflow. Run by ``make test-nextflow``: it takes minutes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import anndata
import h5py
import pandas as pd
import pytest

from clrna.io.metadata.join import join_on_samples
from clrna.model.model_file import load_model
from clrna.model.packaged_models import model_path

sys.path.insert(0, str(Path(__file__).parent))
from engine import BIN, PIPELINE, REPOSITORY, Nextflow, multiqc_folder, table

pytestmark = pytest.mark.engine
SIMULATED = REPOSITORY / "test-data" / "simulated"
STUDIES = ("SIM1", "SIM2", "SIM3")
HELD = ("--hold_out", "SIM3")


def test_a_module_is_used_with_a_single_include(root: Path) -> None:
    other = Nextflow(root / "other", root / "home")
    script = other.folder / "main.nf"
    script.write_text(
        f"include {{ CLRNA_NORMALIZE }} from '{PIPELINE}/modules/clrna/normalize'\n"
        "workflow {\n"
        f"    CLRNA_NORMALIZE([[id: 'mine'], file('{SIMULATED}/SIM3.h5ad')], [], [], [])\n"
        '    CLRNA_NORMALIZE.out.h5ad.view { item -> "made ${item[1].name}" }\n'
        "}\n"
    )
    assert "made mine.h5ad" in other.call([str(other.command), "run", str(script)])


def test_a_matrix_is_encoded_with_the_tables_of_its_samples_and_probes(root: Path, finished: Path) -> None:
    other = Nextflow(root / "matrix", root / "home")
    folder = other.folder / "my data"
    folder.mkdir()
    counts = pd.read_csv(SIMULATED / "SIM1.tsv.gz", sep="\t", index_col=0)
    probes = pd.Series(counts.index, index=[f"{1000 + row}_at" for row in range(len(counts))], name="gene")
    counts.set_axis(probes.index).to_csv(folder / "array.tsv", sep="\t", index_label="ID_REF")
    probes.to_csv(folder / "probes.tsv", sep="\t", index_label="ID")
    model = next((finished / "model").glob("*.safetensors"))
    script = other.folder / "main.nf"
    script.write_text(
        f"include {{ CLRNA_ENCODE }} from '{PIPELINE}/modules/clrna/encode'\n"
        "workflow {\n"
        f"    CLRNA_ENCODE([[id: 'mine'], file('{folder}/array.tsv')], [[id: 'model'], file('{model}')],\n"
        f"        [file('{SIMULATED}/metadata.tsv')], [file('{folder}/probes.tsv')])\n"
        '    CLRNA_ENCODE.out.h5ad.view { item -> "made ${item[1]}" }\n'
        "}\n"
    )
    made = Path(other.call([str(other.command), "run", str(script)]).partition("made ")[2].split("\n")[0])
    adata = anndata.read_h5ad(made)
    assert adata.obsm["X_clrna"].shape[0] == 48 and adata.obs["tissue"].notna().all()


def test_a_study_of_the_samplesheet_has_a_table_of_its_probes(root: Path) -> None:
    other = Nextflow(root / "probes", root / "home")
    counts = pd.read_csv(SIMULATED / "SIM1.tsv.gz", sep="\t", index_col=0)
    probes = pd.Series(counts.index, index=[f"{1000 + row}_at" for row in range(len(counts))], name="gene")
    counts.set_axis(probes.index).to_csv(other.folder / "array.tsv", sep="\t", index_label="ID_REF")
    probes.to_csv(other.folder / "probes.tsv", sep="\t", index_label="ID")
    (other.folder / "samples.csv").write_text(
        f"study,path,metadata,gene_map\nA,array.tsv,{SIMULATED}/metadata.tsv,probes.tsv\nB,{SIMULATED}/SIM3.h5ad,,\n"
    )
    other.run("--input", "samples.csv", "--multiqc", "false", "--baselines", "false", "--train_epochs", "0")
    adata = anndata.read_h5ad(other.folder / "out" / "normalized" / "A.h5ad")
    assert adata.shape == (48, 250) and set(adata.obs["study"]) == {"A"}


def test_a_killed_run_is_resumed_where_it_was(nextflow: Nextflow, finished: Path) -> None:
    statuses = nextflow.statuses()
    before = {f"CLRNA_NORMALIZE ({study})" for study in STUDIES} | {"CLRNA_MERGE (merged)"}
    assert {name for name, status in statuses.items() if status == "CACHED"} >= before
    assert statuses["CLRNA_TRAIN (clrna)"] == "COMPLETED"


def test_resuming_a_finished_run_runs_nothing(nextflow: Nextflow, finished: Path) -> None:
    nextflow.run(*HELD, "-resume")
    assert list(nextflow.statuses().values()) == ["CACHED"] * 11


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

    def normalize(name: str, *words: str) -> None:
        reports = [f"--{kind}-report={name}.{kind}s.tsv" for kind in ("gene", "label")]
        clrna("normalize", *words, "-o", f"{name}.h5ad", *reports, f"--study-report={name}.studies.tsv")

    table_of = ("--metadata", str(SIMULATED / "metadata.tsv"))
    counts = ("--input-scale", "counts")
    normalize("SIM1", str(SIMULATED / "SIM1.tsv.gz"), "--study", "SIM1", *counts, *table_of)
    normalize("SIM2", str(SIMULATED / "SIM2.csv.gz"), "--study", "SIM2", *table_of)
    normalize("SIM3", str(SIMULATED / "SIM3.h5ad"), "--study", "SIM3")
    normalize("merged", "SIM1.h5ad", "SIM2.h5ad", "SIM3.h5ad")
    clrna("train", "merged.h5ad", "-o", "clrna.safetensors", "--history", "clrna.history.tsv",
          "--card", "clrna.card.md", "--device", "cpu", "--epochs", "3", "--exclude-study", "SIM3")  # fmt: skip
    encoded = []
    for study in STUDIES:
        clrna("encode", f"{study}.h5ad", "-m", "clrna.safetensors", "-o", f"{study}.encoded.h5ad", "--device", "cpu")
        encoded.append(f"{study}.encoded.h5ad")
    clrna("baseline", "merged.h5ad", "-o", "baselines.h5ad", "--design-report", "baselines.design.tsv")
    clrna("score", "baselines.h5ad", *encoded, "-o", "clrna.scores.tsv", "--bootstrap", "20",
          "--json", "clrna.scores.json", "--mqc", "clrna_scores_mqc.json")  # fmt: skip
    made = {path.name: path for path in finished.rglob("*") if path.is_file() and path.parent.name != "pipeline_info"}
    for path in sorted(own.iterdir()):
        assert made[path.name].read_bytes() == path.read_bytes(), f"{path.name} is another than the executable's own"
    assert made.keys() - {path.name for path in own.iterdir()} == {"clrna.html"}
    report = (finished / "report" / "clrna.html").read_text()
    assert "SIM3" in report and "</html>" in report


def test_encode_only_gives_the_same_codes(root: Path, nextflow: Nextflow, finished: Path) -> None:
    model = finished / "model" / "clrna.safetensors"
    nextflow.run(
        "--mode", "encode", "--model", str(model), "--explain", "--explain_n_genes", "3", "-resume", out="encode"
    )
    assert not any("TRAIN" in name or "MERGE" in name for name in nextflow.trace("encode"))
    for study in STUDIES:
        name = f"encoded/{study}.encoded.h5ad"
        assert (nextflow.folder / "encode" / name).read_bytes() == (finished / name).read_bytes()
        rows = table(nextflow.folder / "encode" / "genes" / f"{study}.genes.tsv")
        assert {row["study"] for row in rows} == {"", study}
        assert max(int(row["rank"]) for row in rows) == 3
        assert (nextflow.folder / "encode" / "genes" / f"{study}.genes.svg").stat().st_size > 1000
    assert (nextflow.folder / "encode" / "report" / "report.html").stat().st_size > 100_000


def test_the_model_that_comes_along_needs_no_file(root: Path) -> None:
    named = Nextflow(root / "named", root / "home")
    (named.folder / "one.csv").write_text(f"study,path\nSIM3,{SIMULATED}/SIM3.h5ad\n")
    named.run("--mode", "encode", "--model", "pan-cancer-small", "--input", "one.csv", "--match")
    assert "FETCH_MODEL (pan-cancer-small)" in named.trace()
    rows = table(named.folder / "out" / "matches" / "SIM3.matches.tsv")
    assert {row["match_study"] for row in rows} <= set(load_model(model_path("pan-cancer-small")).training_studies)
    assert all(row["match"] and row["match_donor"] for row in rows)


def test_a_fetched_study_and_a_token_that_nextflow_keeps(root: Path, nextflow: Nextflow, finished: Path) -> None:
    # In a folder of its own: -resume goes on from the last run of a folder, and the tests below from `finished`.
    fetching = Nextflow(root / "fetching", root / "home")
    fetching.call([str(nextflow.command), "secrets", "set", "MODAC_TOKEN", "t0ken-of-nobody"])
    (fetching.folder / "fetch.csv").write_text(f"study,fetch\nSIM3,file://{SIMULATED}/SIM3.h5ad\n")
    model = finished / "model" / "clrna.safetensors"
    fetching.run("--mode", "encode", "--model", str(model), "--input", "fetch.csv", "--modac_secret")
    trace = fetching.trace()
    assert len(trace) == 4
    mine, theirs = (
        h5py.File(folder / "encoded" / "SIM3.encoded.h5ad") for folder in (fetching.folder / "out", finished)
    )
    assert (mine["obsm/X_clrna"][()] == theirs["obsm/X_clrna"][()]).all()
    work = fetching.work_of(trace["CLRNA_FETCH (SIM3)"])
    written = "".join(path.read_text() for path in work.glob(".command.*"))
    assert "MODAC_TOKEN" in written and "t0ken-of-nobody" not in written


def test_leave_one_out(nextflow: Nextflow, finished: Path) -> None:
    nextflow.run("--mode", "leave-one-out", "-resume", out="loso")
    assert nextflow.statuses("loso")["CLRNA_BASELINE (baselines)"] == "CACHED"
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


@pytest.fixture(scope="module")
def swept(nextflow: Nextflow, finished: Path) -> Path:
    """A sweep whose trainings have a word of the user's own, with MultiQC where there is one."""
    (nextflow.folder / "own.config").write_text("process { withName: CLRNA_TRAIN { ext.args = '--epochs 2' } }\n")
    sweep = str(PIPELINE / "assets" / "test_sweep.csv")
    folder = multiqc_folder()
    more = ["--multiqc"] if folder else []
    path = nextflow.env["PATH"]
    nextflow.env["PATH"] = f"{path}:{folder}" if folder else path
    try:
        nextflow.run("--mode", "sweep", "--sweep", sweep, *HELD, *more, "-c", "own.config", "-resume", out="sweep")
    finally:
        nextflow.env["PATH"] = path
    return nextflow.folder / "sweep"


def test_sweep(swept: Path) -> None:
    rows = table(swept / "scores" / "summary.tsv")
    assert [row["rank"] for row in rows] == ["1", "2"]
    names = {"preset-default_latent_dim-20_seed-1": ("20", "1"), "preset-default_latent_dim-50_seed-2": ("50", "2")}
    assert {row["training"]: (row["latent_dim"], row["seed"]) for row in rows} == names
    scores = [float(row["transfer_f1"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    best = swept / "model" / f"{rows[0]['training']}.safetensors"
    assert (swept / "model" / "best.safetensors").read_bytes() == best.read_bytes()
    assert (swept / "model" / f"{rows[1]['training']}.safetensors").read_bytes() != best.read_bytes()


def test_words_of_the_user_join_those_of_the_pipeline(swept: Path) -> None:
    for path in swept.glob("model/preset*.safetensors"):
        model = load_model(path)
        assert list(model.training_studies) == ["SIM1", "SIM2"]
        assert len(table(path.with_suffix(".history.tsv"))) == 2


def test_multiqc_shows_scores_and_versions(swept: Path) -> None:
    if multiqc_folder() is None:
        pytest.skip("multiqc is neither beside nf-core nor on the PATH: the MultiQC report is not made")
    report = (swept / "multiqc" / "multiqc.html").read_text()
    assert "CLRNA: transfer to unseen studies" in report
    data = swept / "multiqc" / "multiqc_data"
    shown = "".join(path.read_text() for path in data.glob("*clrna_headline*"))
    assert all(f"preset-default_latent_dim-{number}" in shown for number in ("20_seed-1", "50_seed-2"))
    versions = (data / "multiqc_software_versions.txt").read_text()
    assert "clrna" in versions and "CLRNA_TRAIN" in versions
    assert "MULTIQC_VERSION:\n    multiqc: " in (swept / "pipeline_info" / "versions.yml").read_text()


def test_file_names_with_blanks_and_a_study_that_is_added(root: Path, finished: Path) -> None:
    named = Nextflow(root / "a folder (named)", root / "home")
    shutil.copy(SIMULATED / "SIM1.tsv.gz", named.folder / "my file (1) & [x];y.tsv.gz")
    shutil.copy(SIMULATED / "metadata.tsv", named.folder / "all samples.tsv")
    shutil.copy(finished / "model" / "clrna.safetensors", named.folder / "the model.safetensors")
    row = "SIM1,my file (1) & [x];y.tsv.gz,counts,all samples.tsv\n"
    sheet = named.folder / "my sheet.csv"
    words = ("--mode", "encode", "--model", "the model.safetensors", "--input", sheet.name)
    sheet.write_text(f"study,path,scale,metadata\n{row}")
    named.run(*words)
    same = "encoded/SIM1.encoded.h5ad"
    mine, theirs = (h5py.File(folder / same) for folder in (named.folder / "out", finished))
    assert (mine["obsm/X_clrna"][()] == theirs["obsm/X_clrna"][()]).all()
    sheet.write_text(f"study,path,scale,metadata\nSIM3,{SIMULATED}/SIM3.h5ad,,\n{row}")
    named.run(*words, "-resume")
    cached = {name for name, status in named.statuses().items() if status == "CACHED"}
    assert cached == {"CLRNA_NORMALIZE (SIM1)", "CLRNA_ENCODE (SIM1.encoded)"}
    assert len(named.trace()) == 5


def test_studies_that_name_their_samples_alike_keep_them_all(root: Path) -> None:
    alike = Nextflow(root / "alike", root / "home")
    whole = anndata.read_h5ad(SIMULATED / "SIM3.h5ad")
    for study, half in (("A", whole[0::2].copy()), ("B", whole[1::2].copy())):
        half.obs_names = [f"S{number}" for number in range(half.n_obs)]
        half.write_h5ad(alike.folder / f"{study}.h5ad")
    (alike.folder / "sheet.csv").write_text("study,path\nA,A.h5ad\nB,B.h5ad\n")
    alike.run("--input", "sheet.csv", "--hold_out", "B", "--baseline_methods", "pca")
    out = alike.folder / "out"
    paths = [out / "baselines" / "baselines.h5ad", *sorted((out / "encoded").glob("*.h5ad"))]
    joined = join_on_samples(paths)
    assert joined.n_obs == whole.n_obs and {"X_pca", "X_clrna"} <= joined.obsm.keys()
    work = alike.work_of(alike.trace()["CLRNA_SCORE (clrna)"])
    assert "left out" not in (work / ".command.err").read_text()


def test_a_sample_that_fails_stops_the_run_with_its_message(root: Path) -> None:
    failing = Nextflow(root / "failing", root / "home")
    whole = (SIMULATED / "SIM3.h5ad").read_bytes()
    (failing.folder / "cut.h5ad").write_bytes(whole[: len(whole) // 2])
    (failing.folder / "sheet.csv").write_text(f"study,path\nGOOD,{SIMULATED}/SIM3.h5ad\nBAD,cut.h5ad\n")
    printed = failing.run("--input", "sheet.csv", status=1)
    assert "CLRNA_NORMALIZE (BAD)" in printed
    last = [line for line in printed.splitlines() if line.startswith("ERROR")][-1]
    assert last.startswith("ERROR ~ clrna-normalize: error: input1/cut.h5ad: is damaged or truncated")
    assert not (failing.folder / "out" / "merged").exists()
