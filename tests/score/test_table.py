"""What is in-sample, what is the headline, and what a table always holds."""

import numpy as np
import pandas as pd
import pytest

from clrna.results.score_table import COLUMNS, DIFFERENCE
from clrna.score.measures import NAMES

FAST = ("--metrics", "transfer_f1,replicate_recall,replicate_mrr,silhouette")


def pick(table, **values):
    chosen = table
    for name, value in values.items():
        chosen = chosen[chosen[name] == value]
    return chosen


def one(table, **values):
    chosen = pick(table, **values)
    assert len(chosen) == 1, chosen
    return chosen.iloc[0]


def test_never_a_bare_nan(adata, run):
    table = run(adata)
    assert tuple(table.columns) == COLUMNS
    for _, row in table.iterrows():
        assert (row["value"] == "") == (row["reason"] != ""), row
        assert (row["ci_low"] == "") == (row["ci_high"] == "")
    assert not table.isin(["nan", "NaN", "inf"]).any().any()
    assert set(table["split"]) == {"unseen", "unseen_study", "all", "train", "valid", "test"}
    assert set(table["direction"]) == {"higher", "lower"}
    keys = ["embedding", "metric", "label_key", "split", "study"]
    assert not table.duplicated(keys).any()


def test_the_headline_is_on_studies_and_donors_never_trained_on(adata, run):
    table = run(adata, words=FAST)
    headline = pick(table, headline=True)
    assert not headline["in_sample"].any()
    splits = {"transfer_f1": "unseen", "replicate_recall": "unseen_study", "replicate_mrr": "unseen_study"}
    assert headline["split"].tolist() == headline["metric"].map(splits).tolist()
    assert set(headline["study"]) == {"", "B", "C"}
    assert set(headline["metric"]) == {"transfer_f1", "replicate_recall", "replicate_mrr"}
    # Of B, 10 of 30 donors were trained on in A; they may be retrieved, but not be asked for their label.
    for key in ("X_clrna", "X_pca"):
        assert one(headline, embedding=key, metric="transfer_f1", study="B")["n"] == 20
        assert one(headline, embedding=key, metric="transfer_f1", study="C")["n"] == 30
        assert one(headline, embedding=key, metric="replicate_recall", study="B")["n"] == 10
    assert table["headline"].iloc[0]


def test_training_samples_are_marked_for_the_model_and_not_for_the_baseline(adata, run):
    table = run(adata, words=FAST)
    assert one(table, embedding="X_clrna", metric="transfer_f1", split="all", study="A")["in_sample"]
    assert one(table, embedding="X_clrna", metric="transfer_f1", split="all", study="B")["in_sample"]
    assert not one(table, embedding="X_clrna", metric="transfer_f1", split="all", study="C")["in_sample"]
    assert not one(table, embedding="X_clrna", metric="replicate_recall", split="all", study="B")["in_sample"]
    # Of nine test samples three are of the training study, and two of donors that were trained on.
    of_test = one(table, embedding="X_clrna", metric="silhouette", label_key="tissue", split="test")
    assert of_test["n"] == 6
    assert of_test["in_sample"] == adata.obs["clrna_seen"][(adata.obs["split"] == "test")].eq("donor").any()
    assert not one(table, embedding="X_clrna", metric="silhouette", label_key="tissue", split="unseen")["in_sample"]
    assert not pick(table, embedding="X_pca")["in_sample"].any()


def test_the_mean_is_over_studies(adata, run):
    table = pick(run(adata, words=FAST), embedding="X_pca", metric="transfer_f1", split="all")
    values = table.set_index("study")["value"].astype(float)
    assert values[""] == pytest.approx(values[["A", "B", "C"]].mean(), abs=1e-5)
    assert one(table, study="")["note"].startswith("mean over A, B, C")


def test_no_unseen_sample_no_headline(make_studies, run, capsys):
    table = run(make_studies(training_studies=("A", "B", "C")), words=FAST)
    headline = pick(table, headline=True)
    assert (headline["value"] == "").all()
    assert set(headline["reason"]) == {"X_clrna was trained on A, B, C: every study here"}
    assert "no headline: X_clrna was trained on A, B, C" in capsys.readouterr().err
    assert pick(table, split="all", metric="transfer_f1")["value"].ne("").all()


def test_two_models_are_compared_on_what_neither_has_seen(adata, run):
    adata.obsm["X_other"] = adata.obsm["X_pca"]
    adata.uns["clrna"]["models"]["X_other"] = {
        "training_studies": np.array(["B"], dtype=object),
        "columns": {"seen": "other_seen"},
    }
    adata.obs["other_seen"] = "unseen"
    table = run(adata, words=FAST)
    assert set(pick(table, headline=True)["study"]) == {"", "C"}
    assert one(table, embedding="X_other", metric="transfer_f1", split="all", study="B")["in_sample"]
    assert not one(table, embedding="X_other", metric="transfer_f1", split="all", study="A")["in_sample"]


@pytest.mark.parametrize(
    ("standardize", "adapt", "words"),
    [
        ("sample", "auto", "studies placed by their own samples"),
        ("sample", "study", "studies placed by their own samples"),
        ("study", "auto", "studies standardized by their own values"),
        ("study", "study", "studies standardized by their own values"),
        ("sample", "none", None),
        ("study", "none", None),
        ("genes", "auto", None),
    ],
)
def test_it_is_said_what_codes_use_of_the_study_that_is_asked_about(adata, run, standardize, adapt, words):
    adata.uns["clrna"]["models"]["X_clrna"] |= {"standardize": standardize, "adapt": adapt}
    words_of_run = (*FAST, "--embeddings", "X_clrna", "--metrics", "transfer_f1")
    note = one(run(adata, words=words_of_run), metric="transfer_f1", split="unseen", study="")["note"]
    assert ("without labels" in note) == (words is not None)
    assert words is None or words in note


def test_models_that_together_saw_everything(adata, run):
    adata.obsm["X_other"] = adata.obsm["X_pca"]
    adata.uns["clrna"]["models"]["X_other"] = {"training_studies": np.array(["B", "C"], dtype=object)}
    headline = pick(run(adata, words=FAST), headline=True)
    assert headline["reason"].str.contains("X_clrna and X_other were never trained on").all()


def test_a_model_that_is_not_scored_takes_nothing_away(adata, run):
    table = run(adata, words=(*FAST, "--embeddings", "X_pca"))
    assert set(pick(table, headline=True)["study"]) == {"", "A", "B", "C"}


def test_without_a_record_of_the_model_the_seen_column_is_believed(adata, run):
    del adata.uns["clrna"]
    headline = pick(run(adata, words=FAST), headline=True)
    assert set(headline["study"]) == {"", "B", "C"}


def test_an_embedding_of_unknown_origin_is_said_to_be(adata, run, capsys):
    adata.obsm = {"X_scvi": adata.obsm["X_pca"]}
    table = run(adata, words=FAST)
    assert "X_scvi: the file does not tell what it was trained on" in capsys.readouterr().err
    note = one(table, metric="transfer_f1", split="unseen", study="")["note"]
    assert "no record of what it was trained on" in note


def test_baselines_are_known_from_provenance(adata, run, capsys):
    import json

    record = {"step": "baseline", "facts": {"embeddings": {"X_pca": "principal components"}}}
    adata.uns["clrna"]["provenance"] = np.array([json.dumps(record)], dtype=object)
    table = run(adata, words=FAST)
    assert "X_pca" not in "".join(line for line in capsys.readouterr().err.splitlines() if "warning" in line)
    assert "uses no label" in one(table, embedding="X_pca", metric="transfer_f1", split="unseen", study="")["note"]


@pytest.mark.parametrize("key", ["X_combat", "X_limma"])
@pytest.mark.parametrize("label_key", ["tissue", "histology"])
def test_a_correction_that_was_told_the_labels_is_no_competitor(adata, run, label_key, key, capsys):
    import json

    record = {
        "step": "baseline",
        "facts": {"embeddings": {"X_pca": "", key: ""}},
        "parameters": {"covariates": ["sex", label_key]},
    }
    adata.uns["clrna"]["provenance"] = np.array([json.dumps(record)], dtype=object)
    adata.obsm[key] = adata.obsm["X_pca"]
    adata.obs["histology"] = adata.obs["tissue"]
    words = (*FAST, "--label-key", label_key)
    table = run(adata, words=words)
    assert pick(table, embedding=key)["in_sample"].all()
    assert set(pick(table, headline=True)["embedding"]) == {"X_clrna", "X_pca"}
    assert not pick(table, embedding="X_pca")["in_sample"].any()
    assert f"{key} was computed with {label_key} of these samples" in capsys.readouterr().err
    run(adata, words=(*words, "--embeddings", key))
    assert "no headline: every embedding was computed with the labels" in capsys.readouterr().err


def test_copies_are_never_scored_as_two_studies(adata, run):
    adata.obs["copy_of"] = np.where(adata.obs["study"] == "B", "A", "")
    table = run(adata, words=FAST)
    assert set(table["study"]) == {"", "A", "C"}
    assert one(table, embedding="X_pca", metric="silhouette", label_key="tissue", split="all")["n"] == 60


def test_a_copy_whose_original_is_not_here_is_scored(adata, run):
    adata.obs["copy_of"] = np.where(adata.obs["study"] == "B", "Elsewhere", "")
    assert "B" in set(run(adata, words=FAST)["study"])


def test_large_sets_are_sampled_and_say_so(adata, run):
    table = run(adata, words=("--max-samples", "30"))
    row = one(table, embedding="X_pca", metric="silhouette", label_key="tissue", split="all")
    assert row["n"] == 30
    assert row["note"] == "stratified sample of 30 of 90"
    assert one(table, embedding="X_pca", metric="transfer_f1", split="all", study="")["n"] == 90


def test_labels_may_be_joined_from_columns(adata, run):
    adata.obs["sample_category"] = "tumor"
    table = run(adata, words=(*FAST, "--label-by", "tissue,sample_category"))
    assert set(table["label_key"]) == {"tissue,sample_category", "study", ""}


def test_every_interval_holds_its_value_or_there_is_a_reason_for_none(adata, run):
    adata.obsm["X_combat"] = adata.obsm["X_pca"][:, ::-1] + adata.obsm["X_clrna"]
    table = run(adata, words=("--bootstrap", "40"))
    there = table[table["value"] != ""]
    drawn = there[there["ci_low"] != ""]
    assert len(drawn) > 100
    assert {"davies_bouldin", "calinski_harabasz", "pcr", *(name for name in NAMES if name.startswith("knn"))} <= set(
        drawn["metric"]
    )
    low, value, high = (drawn[name].astype(float) for name in ("ci_low", "value", "ci_high"))
    assert ((low <= value) & (value <= high) & (low < high)).all()
    assert there[there["ci_low"] == ""]["note"].str.contains("no interval: ").all()
    assert set(there[there["metric"].str.startswith(("study_chance", "study_from"))]["ci_low"]) == {""}
    without = run(adata, words=(*FAST, "--bootstrap", "0"))
    assert (without[["ci_low", "minus_combat_low"]] == "").all().all()
    assert not without["note"].str.contains("no interval").any()


def test_differences_to_combat_are_those_of_the_values(adata, run):
    adata.obsm["X_combat"] = adata.obsm["X_pca"]
    table = run(adata, words=("--bootstrap", "40"))
    keys = ["metric", "label_key", "split", "study"]
    combat = pick(table, embedding="X_combat").set_index(keys)
    assert (combat[list(DIFFERENCE)] == "").all().all()
    seen = 0
    for row in pick(table, embedding="X_clrna").to_dict("records"):
        other = combat.loc[tuple(row[key] for key in keys)]
        if row["value"] == "" or other["value"] == "":
            assert row["minus_combat"] == ""
            continue
        value = float(row["value"]) - float(other["value"])
        assert float(row["minus_combat"]) == pytest.approx(value, rel=1e-4, abs=1e-5)
        if row["minus_combat_low"] != "":
            seen += 1
            assert float(row["minus_combat_low"]) <= float(row["minus_combat"]) <= float(row["minus_combat_high"])
    assert seen > 40
    same = pick(table, embedding="X_pca")
    assert set(same["minus_combat"]) == {"", "0"} and set(same["minus_combat_low"]) == {""}


def test_samples_that_were_trained_on_are_no_test_samples(make_studies, run, capsys):
    """As in files of a model that learned from the samples of every split but those it kept aside."""
    adata = make_studies(training_studies=("A", "B", "C"))
    adata.obs["clrna_seen"] = np.where(adata.obs["split"] == "test", "study", "sample")
    first = adata.obs_names[adata.obs["split"] == "test"][0]
    adata.obs.loc[first, "clrna_seen"] = "sample"
    words = ("--metrics", "silhouette", "--embeddings", "X_clrna")
    assert set(pick(run(adata, words=words), split="test")["n"]) == {8}
    adata.obs["clrna_seen"] = "study"
    assert "test" not in set(run(adata, words=words)["split"])
    told = "9 of 9 samples of the test split may be among those that X_clrna was trained on"
    assert told in capsys.readouterr().err
    assert set(pick(run(adata, words=("--metrics", "silhouette", "--embeddings", "X_pca")), split="test")["n"]) == {9}


def test_the_split_does_not_make_a_sample_unseen(make_studies, run):
    adata = make_studies(training_studies=("A",))
    adata.obs["split"] = "test"
    headline = pick(run(adata, words=FAST), headline=True)
    assert set(headline["study"]) == {"", "B", "C"}
    adata.obs["split"] = "train"
    again = pick(run(adata, words=FAST), headline=True)
    assert headline["n"].tolist() == again["n"].tolist()


def test_a_sample_of_which_nothing_is_said_is_not_unseen(adata, run, capsys):
    of_c = adata.obs["study"] == "C"
    adata.obs["clrna_seen"] = np.where(of_c & (np.arange(90) % 2 == 0), "", adata.obs["clrna_seen"])
    row = one(run(adata, words=FAST), embedding="X_clrna", metric="transfer_f1", split="unseen", study="C")
    assert row["n"] == 15
    del adata.obs["clrna_seen"]
    table = run(adata, words=FAST)
    assert set(pick(table, headline=True, metric="transfer_f1")["value"]) == {""}
    assert "which donors its model was trained on, so no sample counts as unseen" in capsys.readouterr().err


def test_without_splits_or_donors(adata, run, capsys):
    del adata.obs["split"], adata.obs["donor"]
    table = run(adata, words=FAST)
    assert set(table["split"]) == {"unseen", "unseen_study", "all"}
    assert "taken as a donor of its own" in capsys.readouterr().err
    assert (
        pick(table, metric="replicate_recall", study="A")["reason"].eq("no donor of A is found in another study").all()
    )


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_samples(adata, run, n):
    table = run(adata[:n].copy())
    assert len(table) > 20
    assert pd.to_numeric(table["n"]).max() <= n
    assert table["reason"].ne("").all()


def test_one_study(adata, run, capsys):
    table = run(adata[adata.obs["study"] == "C"].copy())
    assert set(pick(table, headline=True)["reason"]) == {"there is only one study"}
    assert "no headline: there is only one study" in capsys.readouterr().err
    assert one(table, embedding="X_pca", metric="silhouette", label_key="tissue", split="all")["value"] != ""


@pytest.mark.parametrize("label", ["", "lung"])
def test_no_labels_and_one_label(adata, run, label):
    adata.obs["tissue"] = label
    table = run(adata)
    of_label = pick(table, label_key="tissue")
    assert of_label["reason"][~of_label["metric"].isin(["bras", "kbet"])].ne("").all()
    assert pick(table, metric="replicate_recall", split="all", study="A")["value"].ne("").all()
