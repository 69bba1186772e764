"""The suites ask the right samples of the right studies, through the executables."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import answers
import catalogue
import disturb
import executables
import measures
import numpy as np
import pandas as pd
import pytest
import suites
import trials
from anndata import AnnData

from clrna.io.hdf5.h5ad import read_h5ad, write_h5ad
from clrna.simulate import simulate

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "transfer"
PANELS = ("one", "two", "three")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three panels, a cohort of lung tumours, one of them normal, and one that must not be looked at."""
    path = tmp_path_factory.mktemp("suites")
    (path / "deep").mkdir()
    merged = simulate(n_tissues=3, n_studies=5, n_genes=120, seed=1)
    merged.obs["sample_category"] = merged.obs["sample_category"].astype(str)
    for number, name in enumerate((*PANELS, "lung", "secret"), start=1):
        study = merged[merged.obs["study"] == f"SIM{number}"].copy()
        if name == "lung":
            study = study[study.obs["tissue"] == "Lung"].copy()
            study.obs["sample_category"] = ["normal"] + ["tumor"] * (study.n_obs - 1)
        write_h5ad(study, path / ("deep" if name == "lung" else ".") / f"{name}.h5ad")
    roles = [(name, "panel", "reference", "yes") for name in PANELS]
    roles += [("lung", "cohort", "tuned", "no"), ("secret", "cohort", "kept", "no"), ("away", "cohort", "tuned", "no")]
    table = pd.DataFrame(roles, columns=["name", "kind", "use", "confounded"])
    table.to_csv(path / "roles.tsv", sep="\t", index=False)
    return path


def studies_of(suite, folder, reference=None, queries=None):
    found = suites.studies_of(suite, catalogue.Catalogue(folder, folder / "roles.tsv"), reference, queries)
    return tuple([study.name for study in part] for part in found)


def run(folder, *words):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    call = [sys.executable, str(SCRIPT), words[0], str(folder), "--roles", str(folder / "roles.tsv"), *words[1:]]
    return subprocess.run([*map(str, call)], capture_output=True, text=True, check=False, env=environment)


def test_a_study_that_is_kept_for_the_end_is_asked_only_by_name_or_use(folder):
    for suite in suites.SUITES:
        assert not any("secret" in names for names in studies_of(suite, folder))
    assert studies_of("cohorts", folder) == (list(PANELS), ["lung"])
    assert studies_of("cohorts", folder, queries="kept") == (list(PANELS), ["secret"])
    assert studies_of("cohorts", folder, "one,two", "secret,lung") == (["one", "two"], ["secret", "lung"])
    assert studies_of("panels", folder) == (list(PANELS), list(PANELS))
    assert studies_of("confounded", folder) == (list(PANELS), ["lung", *PANELS])


def test_a_file_that_is_not_there_is_named(folder):
    with pytest.raises(SystemExit, match=r"no nowhere\.h5ad; it has lung, one, "):
        studies_of("cohorts", folder, queries="nowhere")


def test_the_table_of_roles_never_has_a_study_on_two_sides():
    roles = pd.read_csv(catalogue.ROLES, sep="\t")
    assert roles["name"].is_unique
    assert set(roles.loc[roles["confounded"] == "yes", "use"]) == {"tuned"}
    assert set(roles.loc[roles["confounded"] == "drawn", "use"]) == {"tuned", "reference"}
    assert roles.groupby("use").size().to_dict() == {"kept": 11, "reference": 5, "tuned": 12, "unused": 3}
    assert set(roles.loc[roles["use"] == "reference", "kind"]) == {"panel"}


def known(tissues, donors, categories="tumor"):
    columns = [np.array(column, dtype=object) for column in (tissues, donors, [categories] * len(tissues))]
    if not isinstance(categories, str):
        columns[2] = np.array(categories, dtype=object)
    return SimpleNamespace(expression=SimpleNamespace(tissues=columns[0], donors=columns[1], categories=columns[2]))


def test_what_is_counted():
    reference = known(["Lung"] * 5 + ["Skin"] * 2 + [""], ["a", "b", "c", "d", "e", "s1", "s2", "u"])
    query = known(
        ["Lung", "Lung", "Lung", "Skin", "Bone", "", "Lung", "Skin"],
        ["q1", "q2", "a", "q3", "q4", "q5", "", "s1"],
        ["tumor", "normal", "cell_line", "xenograft", "tumor", "tumor", "organoid", "tumor"],
    )
    of_cohort = trials.truth_of(trials.Trial("", "Q", "cohort", reference, query))
    assert of_cohort["counted"].tolist() == [True, False, False, True, False, False, True, False]
    assert of_cohort["common"].tolist() == [True, False, False, False, False, False, True, False]
    assert of_cohort["replicate"].tolist() == [False, False, True, False, False, False, False, True]
    of_panel = trials.truth_of(trials.Trial("", "Q", "panel", reference, query))
    assert of_panel["counted"].tolist() == [True, False, True, True, False, False, True, True]
    assert of_panel["unseen"].tolist() == of_cohort["counted"].tolist()
    # Without the donor's own sample four lungs remain, and one skin.
    assert of_panel["common"].tolist() == [True, False, False, False, False, False, True, False]


def test_a_sample_whose_tissue_only_its_own_donor_has_is_not_counted():
    query, reference = known(["Eye"], ["a"]), known(["Eye"], ["a"])
    assert not trials.truth_of(trials.Trial("", "Q", "panel", reference, query))["counted"].any()


def labelled(labels, studies=None):
    obs = pd.DataFrame({"tissue": pd.Categorical(labels), "study": studies or "S"}, index=map(str, range(len(labels))))
    obs["tissue_all"] = obs["tissue"]
    return AnnData(np.zeros((len(labels), 10), dtype=np.float32), obs=obs)


def test_wrong_labels_are_other_classes_and_unlabelled_samples_stay_so():
    labels = ["a"] * 40 + ["b"] * 40 + ["c"] * 20 + [None] * 10
    spoilt = disturb.with_wrong_labels(labelled(labels), 0.3, 0).obs["tissue"].astype(object)
    before = pd.Series(labels, index=spoilt.index, dtype=object)
    assert (spoilt[:100] != before[:100]).sum() == 30
    assert spoilt[100:].isna().all() and set(spoilt[:100]) == {"a", "b", "c"}


def test_few_labels_are_a_share_of_those_there_are():
    kept = disturb.with_few_labels(labelled(["a"] * 60 + ["b"] * 40 + [None] * 10), 0.1, 0).obs["tissue"]
    assert kept.notna().sum() == 10 and kept[:60].dropna().eq("a").all() and kept[60:].dropna().eq("b").all()


def test_a_share_of_the_genes_goes():
    assert disturb.some_genes(labelled(["a"] * 3), 0.8, 0).n_vars == 2


def test_samples_are_drawn_from_those_that_count():
    drawn = disturb.some_samples(labelled(["a"] * 10), np.array([1, 3, 5, 7]), 3, 0)
    assert drawn.n_obs == 3 and set(drawn.obs_names) < {"1", "3", "5", "7"}


def test_a_tissue_stays_in_the_study_that_has_most_of_it():
    adata = labelled(["a", "a", "a", "b", "b", "b", None], ["S", "S", "T", "S", "T", "T", "T"])
    assert disturb.one_study_a_tissue(adata).obs_names.tolist() == ["0", "1", "4", "5", "6"]


def test_a_study_that_trains_is_left_out_of_its_own_reference(folder, tmp_path):
    found = catalogue.Catalogue(folder, folder / "roles.tsv")
    trains, asked = suites.studies_of("single", found, None, None)
    made = list(suites.Trials("single", trains, asked, tmp_path))
    seen = {trial.cohort: sorted(path.stem for path in trial.reference.inputs) for trial in made}
    assert seen == {
        "lung": ["one", "three", "two"], "one": ["three", "two"], "two": ["one", "three"], "three": ["one", "two"],
    }  # fmt: skip
    assert {trial.cohort: trial.group for trial in made}["lung"] == "cohort"


def test_drawn_references_are_of_so_many_panels_and_differ():
    kinds = ["panel", "cohort"] * 5 + ["cohort"] * 8
    studies = [catalogue.Study(str(n), Path(f"{n}.h5ad"), kind, "tuned") for n, kind in enumerate(kinds)]
    drawn = [disturb.drawn_studies(studies, 2, seed) for seed in range(4)]
    for chosen in drawn:
        assert len(chosen) == 10 and [study.kind for study in chosen].count("panel") == 2
        assert [study.name for study in chosen] == sorted((study.name for study in chosen), key=int)
    assert drawn[0] == disturb.drawn_studies(studies, 2, 0) and drawn[0] != drawn[1]


def test_a_study_is_asked_by_the_drawn_references_that_lack_it(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(disturb, "DRAWN", 2)
    monkeypatch.setattr(suites, "DRAWS", {"drawn": 2})
    suite = suites.Suite("", queries="tuned,reference", conditions=(suites.ONE_STUDY, "drawn"))
    monkeypatch.setitem(suites.SUITES, "confounded", suite)
    found = catalogue.Catalogue(folder, folder / "roles.tsv")
    assert [study.name for study in found.drawn()] == list(PANELS)
    made = list(
        suites.Trials(
            "confounded", *suites.studies_of("confounded", found, None, None), tmp_path, seeds=2, drawn=found.drawn()
        )
    )
    seen = {(trial.condition, trial.cohort): {path.stem for path in trial.reference.inputs} for trial in made}
    # Panels train the suite, so that the first condition asks the cohort alone; those that are drawn lack one of them.
    assert seen[suites.ONE_STUDY, "lung"] == set(PANELS)
    assert [name for condition, name in seen if condition == suites.ONE_STUDY] == ["lung"]
    for (condition, name), inputs in seen.items():
        assert name.split(" ")[0] not in inputs and (condition == suites.ONE_STUDY or len(inputs) == 2)
    assert {name for condition, name in seen if condition == "drawn"} >= {"lung by draw 0", "lung by draw 1"}
    assert len(seen) == 1 + 2 * 2


def test_few_samples_are_taken_from_file_and_truth_alike(folder, tmp_path):
    found = catalogue.Catalogue(folder, folder / "roles.tsv")
    trains, asked = suites.studies_of("few", found, None, "lung")
    made = list(suites.Trials("few", trains, asked, tmp_path, seeds=2))
    # Of 12 lungs one is normal and the donors of two are in the panels: too few for 10, and the rest are drawn twice.
    assert [trial.condition for trial in made] == [f"{n} samples" for n in (3, 3, 5, 5)]
    for trial in made:
        assert trials.truth_of(trial)["counted"].all()
        file = read_h5ad(trial.query.path)
        assert file.n_obs == len(trial.query.expression.values) == int(trial.condition.split()[0])
        assert file.obs["donor"].tolist() == trial.query.expression.donors.tolist()


def test_a_refusal_is_the_last_line_without_the_folder(tmp_path):
    with pytest.raises(executables.Refused, match=r"error: INPUT nothing\.h5ad: no such file"):
        executables.run_normalize([tmp_path / "nothing.h5ad"], tmp_path / "out.h5ad", threads=1)


def test_cohorts_are_encoded_by_the_executables(folder, tmp_path):
    outputs = ("-o", tmp_path / "t.tsv", "--samples", tmp_path / "s.tsv")
    done = run(folder, "cohorts", "--rows", "default,alone,lda,combat", *outputs)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "t.tsv", sep="\t").set_index("row")
    assert table["cohort"].unique().tolist() == ["lung"] and set(table["n"]) == {9}
    assert table["refused"].isna().all()
    assert table.loc["lda", "label"] > 0.8
    assert np.isnan(table.loc["combat", "ece"]) and table.loc["default", "ece"] >= 0
    said = pd.read_csv(tmp_path / "s.tsv", sep="\t")
    assert len(said) == 4 * 12 and set(said.loc[said["row"] == "alone", "label"]) <= {"Bowel", "Breast", "Lung"}
    right = said[(said["row"] == "default") & said["counted"]].eval("label == truth").mean()
    assert table.loc["default", "label"] == pytest.approx(right)
    assert "default minus the row" in done.stdout and f"| lung | 9 | {table.loc['default', 'knn']:.3f} |" in done.stdout


def test_panels_are_scored_with_their_replicates(folder, tmp_path):
    done = run(folder, "panels", "--rows", "lda,combat", "-o", tmp_path / "t.tsv")
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "t.tsv", sep="\t")
    assert table.groupby("row")["cohort"].apply(sorted).to_dict() == dict.fromkeys(("combat", "lda"), sorted(PANELS))
    assert (table["n_replicates"] > 0).all() and table["recall"].between(0, 1).all()
    assert (table["n_label"] < table["n"]).all()
    assert "lda minus the row" in done.stdout


def test_corrections_are_compared_and_what_they_leave_of_the_genes_variance(folder, tmp_path):
    names = ["corrected", "combat", "combat-ref", "limma", "uncorrected"]
    done = run(folder, "cohorts", "--rows", ",".join(names), "--gene-variance", "-o", tmp_path / "t.tsv")
    assert done.returncode == 0, done.stderr
    knn = pd.read_csv(tmp_path / "t.tsv", sep="\t").set_index("row")["knn"]
    assert sorted(knn.index) == sorted(names)
    # The cohort is of one tissue, which ComBat and removeBatchEffect move to the middle of all.
    assert knn["corrected"] == 1 and knn["corrected"] > knn[["combat", "combat-ref", "limma"]].max()
    lines = [line.split("|")[1:-1] for line in done.stdout.split("variance of genes, medians")[1].splitlines()[2:]]
    table = pd.DataFrame([[cell.strip() for cell in line] for line in lines[2:]], columns=[c.strip() for c in lines[0]])
    table = table.set_index("row").drop(columns=["condition", "cohort"]).astype(float)
    assert (table["genes"] == 120).all()
    assert table.loc["uncorrected", "study"] > 0.2 and (table.drop("uncorrected")["study"] < 0.05).all()
    assert table.loc["corrected", "tissue"] > table.loc[["combat", "combat-ref", "limma"], "tissue"].max()


def test_a_refused_cohort_is_wrong_throughout(folder, tmp_path, monkeypatch):
    def refuse(trial):
        raise executables.Refused("clrna-encode: error: too few genes")

    monkeypatch.setitem(answers.ROWS, "default", answers.Row(refuse))
    found = catalogue.Catalogue(folder, folder / "roles.tsv")
    made = list(suites.Trials("genes", *suites.studies_of("genes", found, None, "lung"), tmp_path))
    assert [read_h5ad(trial.query.path).n_vars for trial in made] == [96, 60, 24]
    said = pd.concat([answers.ask(trial, name) for trial in made for name in ("default", "lda")], ignore_index=True)
    table = measures.by_cohort(said).set_index(["condition", "row"])
    refused = table.xs("default", level="row")
    assert (refused[["knn", "label", "label_f1"]] == 0).all(axis=None) and refused["ece"].isna().all()
    assert refused["refused"].str.endswith("too few genes").all()
    assert (table.xs("lda", level="row")["refused"] == "").all() and table.loc[("20 % missing", "lda"), "label"] > 0.5
    assert (measures.summary(said)["refused"] == [3, 0]).all()


def test_an_unknown_row_of_a_suite_is_named(folder):
    done = run(folder, "cohorts", "--rows", "nonsense")
    assert done.returncode != 0 and "nonsense" in done.stderr and "Traceback" not in done.stderr
