"""What single sections say, above all where things are missing or speak against the model."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.metrics.catalogue import scored_metrics
from clrna.normalize.found_inputs import COLUMNS as FOUND_COLUMNS
from clrna.normalize.found_inputs import NORMALIZED_BEFORE
from clrna.plural import enumerated
from clrna.report import numbers
from clrna.report.dot_plot import dot_plots
from clrna.report.glance import NO_SCORES, glance
from clrna.report.read_files import read_files
from clrna.report.steps import steps, with_table_step
from clrna.report.studies import label_by_study
from clrna.report.study_scores import study_scores
from clrna.report.trust import checks
from clrna.results.predictions import predictions_in
from clrna.results.samples import drawn_samples
from clrna.results.score_table import COLUMNS
from clrna.score.measures import NAMES

ROW = {
    "embedding": "X_clrna", "metric": "transfer_f1", "label_key": "tissue", "split": "unseen", "study": "",
    "value": 0.7, "ci_low": 0.6, "ci_high": 0.8, "n": 60.0, "in_sample": False, "headline": True,
    "direction": "higher", "reason": "", "note": "",
}  # fmt: skip


def scores(*changes):
    return pd.DataFrame([{**ROW, **change} for change in changes], columns=list(COLUMNS))


def combat(value, low=np.nan, high=np.nan):
    return {"embedding": "X_combat", "value": value, "ci_low": low, "ci_high": high}


def minus(difference, low=np.nan, high=np.nan):
    return {"minus_combat": difference, "minus_combat_low": low, "minus_combat_high": high}


@pytest.mark.parametrize(
    ("other", "difference", "words"),
    [
        (combat(0.5, 0.4, 0.65), minus(0.2, 0.05, 0.3), "CLRNA is better by 0.20 (0.05 to 0.30)."),
        (combat(0.9, 0.85, 0.95), minus(-0.2, -0.3, -0.1), "CLRNA is worse by 0.20 (0.10 to 0.30)."),
        (
            combat(0.5, 0.3, 0.55), minus(0.2, -0.05, 0.4),
            "Which is better cannot be told with n = 60: the difference is +0.20 (−0.05 to +0.40).",
        ),
        (
            combat(0.70, 0.6, 0.8), minus(0.0, -0.03, 0.03),
            "Which is better cannot be told with n = 60: the difference is 0.00 (−0.03 to +0.03).",
        ),
        (
            combat(0.695, 0.6, 0.8), minus(0.005, -0.01, 0.02),
            "They do not differ by more than 0.02: the difference is +0.01 (−0.01 to +0.02).",
        ),
        (combat(0.5), minus(0.2), "cannot be told with n = 60: the difference is +0.20 (no interval)."),
    ],
)  # fmt: skip
def test_verdicts_say_what_the_difference_shows(other, difference, words):
    (verdict,) = glance(scores(difference, other)).verdicts
    assert verdict.startswith("Tissue found across studies, macro-F1: CLRNA 0.70 (0.60 to 0.80), ComBat")
    assert verdict.endswith(words)


def test_equal_values_alone_are_no_proof_of_no_difference():
    (verdict,) = glance(scores(minus(0.0), combat(0.7, 0.6, 0.8))).verdicts
    assert "do not differ" not in verdict and "cannot be told with n = 60" in verdict


def test_lower_is_better_is_minded():
    lower = {"direction": "lower"}
    (verdict,) = glance(scores({**minus(-0.2, -0.3, -0.1), **lower}, {**combat(0.9), **lower})).verdicts
    assert verdict.endswith("CLRNA is better by 0.20 (0.10 to 0.30).")


def test_what_is_known_of_the_donors_is_said():
    donor = {"metric": "replicate_recall", "split": "unseen_study"}
    assert glance(scores({})).asked == ["labels are asked of donors that it never saw either"]
    assert glance(scores(donor)).asked == ["donors to be found again may be known to it"]
    assert len(glance(scores({}, donor)).asked) == 2
    tables = study_scores(scores({"study": "B"}, {**donor, "study": "B"}))
    assert [table.about for table in tables] == [
        "studies and donors never seen", "studies not trained on, donors may be known",
    ]  # fmt: skip


def test_without_combat_the_best_other_embedding_is_compared_with():
    found = glance(scores({}, {"embedding": "X_pca", "value": 0.3}, {"embedding": "X_harmony", "value": 0.6}))
    assert "Harmony 0.60" in found.verdicts[0] and "cannot be told" in found.verdicts[0]
    assert "no other embedding" in glance(scores({})).verdicts[0]


def test_all_in_sample_is_said_and_no_number_is_shown():
    found = glance(scores({"in_sample": True, "headline": False, "split": "all"}))
    assert "Every score is in-sample" in found.missing and "--exclude-study" in found.missing
    assert found.verdicts == [] and found.plots == []


def test_reasons_stand_where_no_headline_could_be_computed():
    found = glance(scores({"value": np.nan, "reason": "there is only one study"}))
    assert found.missing == "No headline score could be computed: there is only one study."
    assert glance(None).missing == NO_SCORES


def test_dot_plots_put_values_where_they_belong():
    (plot,) = dot_plots(
        scores({}, combat(0.5, 0.4, 0.6), {"embedding": "X_pca", "value": np.nan, "reason": "why", "ci_low": np.nan})
    )
    first, second, third = plot.rows
    assert (first.dot, first.left, first.width) == (70, 60, 20)
    assert first.best and first.emphasized and not second.best and not second.emphasized
    assert third.dot is None and third.reason == "why"
    assert [at for at, _ in plot.ticks] == [0, 50, 100]


@pytest.mark.parametrize("values", [(-0.3, 0.2), (3.0, 250.0), (-5.0, -1.0), (0.0, 0.0)])
def test_dots_stay_on_the_axis_whatever_the_scale(values):
    (plot,) = dot_plots(scores(*({"value": value, "ci_low": value, "ci_high": value} for value in values)))
    assert all(0 <= row.dot <= 100 for row in plot.rows)


def test_in_sample_values_are_never_called_the_best():
    (plot,) = dot_plots(scores({"value": 0.99, "in_sample": True}, combat(0.5), {"embedding": "X_pca", "value": 0.4}))
    assert [row.best for row in plot.rows] == [False, True, False]


def test_study_tables_put_the_headline_first_and_tell_why_there_is_nothing():
    table = scores(
        {"split": "all", "headline": False, "study": "CCLE", "in_sample": True},
        {"study": "TCGA"}, {**combat(0.5), "study": "TCGA"},
        {"metric": "replicate_recall", "study": "TCGA", "value": np.nan, "reason": "no donor is shared"},
        {"split": "train", "headline": False, "study": "CCLE"},
    )  # fmt: skip
    first, second, third = study_scores(table)
    assert (first.headline, second.headline, third.headline) == (True, True, False)
    assert second.reason == "no donor is shared"
    ((study, cells),) = first.rows
    assert study == "TCGA" and [cell.best for cell in cells] == [True, False]
    assert third.rows[0][1][0].in_sample
    assert study_scores(None) == []


def test_many_reasons_why_no_study_has_a_value_are_cut():
    rows = [
        {"metric": "replicate_recall", "study": f"S{number}", "value": np.nan, "reason": f"no donor of S{number}"}
        for number in range(7)
    ]
    assert study_scores(scores(*rows))[0].reason == "no donor of S0; no donor of S1; 5 more studies likewise"
    assert study_scores(scores(*rows[:3]))[0].reason == "no donor of S0; no donor of S1; no donor of S2"


def test_every_metric_of_the_table_is_explained():
    assert [metric.key for metric in scored_metrics()] == list(NAMES)
    assert [metric.title for metric in scored_metrics({"bras", "of_tomorrow"})] == ["BRAS, mixing within labels"]


def test_records_of_unknown_steps_and_odd_values_are_shown_all_the_same():
    (step,) = steps(
        [
            {
                "step": "polish",
                "parameters": {"a_b": [1, 2], "c": None, "d": 0.25},
                "inputs": None,
                "facts": {"k": {"x": True}},
            }
        ]
    )
    assert step.parameters == [("--a-b", "1 and 2"), ("--d", "0.25")]
    assert step.facts == [("k, x", "yes")]
    assert (step.seed, step.version, step.files) == ("", "", [])
    assert steps([]) == []


@pytest.fixture
def adata():
    """Two studies that share one of three tissues; the second was never seen."""
    obs = pd.DataFrame(
        {
            "study": ["A"] * 6 + ["B"] * 4,
            "tissue": ["Lung", "Lung", "Skin", "Skin", "Skin", "", "Lung", "Lung", "Bone", "Bone"],
            "donor": [f"d{i}" for i in range(10)],
            "split": ["train"] * 5 + ["test"] * 5,
            "clrna_label": ["Lung", "Lung", "Skin", "Skin", "Skin", "Skin", "Lung", "Skin", "Skin", "Skin"],
            "clrna_confidence": [0.9] * 10,
            "clrna_unlike_training": [False] * 8 + [True, True],
            "clrna_seen": ["study"] * 6 + ["unseen"] * 4,
        },
        index=[f"S{i}" for i in range(10)],
    )
    return AnnData(np.zeros((10, 1)), obs=obs)


def found_checks(adata, table=None):
    """Return what is checked."""
    samples = drawn_samples(
        adata, Path("a"), label_key="tissue", label_by=None, study_key="study", max_points=50, seed=0
    )
    predictions = predictions_in(adata)
    first = predictions[0] if predictions else None
    return checks(samples, first, table, label_by_study(samples, first.seen if first else None))


def claims(adata, table=None):
    """Return state and evidence by the claim."""
    return {check.claim: (check.state, check.evidence) for check in found_checks(adata, table)}


def test_trust_tells_the_study_left_out_and_what_is_confounded(adata):
    found = claims(adata)
    left_out = ("good", "Left out of training: B (4 samples).")
    assert found["Holds studies and donors that the model never saw"] == left_out
    state, text = found["Some labels cannot be told from their study"]
    assert state == "note" and "2 of 3 labels (56 % of the labelled samples)" in text and "Skin and Bone" in text


def test_trust_warns_where_all_was_trained_on(adata):
    adata.obs["clrna_seen"] = "study"
    assert claims(adata)["Holds studies and donors that the model never saw"][0] == "bad"
    adata.obs = adata.obs.drop(columns="clrna_seen")
    assert claims(adata)["Holds studies and donors that the model never saw"][0] == "unknown"


def test_a_claim_that_fails_reads_as_failed(adata):
    adata.obs["clrna_seen"], adata.obs["donor"] = "study", "d"
    failed = [check.heading for check in found_checks(adata, scores({"in_sample": True})) if check.state == "bad"]
    assert failed == [
        "Nothing here is new to the model", "Donors are on both sides of the split",
        "Scores on training data are in the headline",
    ]  # fmt: skip


def test_calibration_that_fails_says_which_way(adata):
    claim = "The confidence of predictions means what it says"
    (check,) = [item for item in found_checks(adata) if item.claim == claim]
    assert (check.state, check.heading) == ("bad", "The model is too sure of its predictions")
    adata.obs["clrna_confidence"] = 0.01
    (check,) = [item for item in found_checks(adata) if item.claim == claim]
    assert check.heading == "The model is not sure enough of its predictions"
    adata.obs["clrna_confidence"] = 0.3
    (check,) = [item for item in found_checks(adata) if item.claim == claim]
    assert check.heading == claim


def test_verdicts_know_which_way_they_point():
    for difference, word in (
        (minus(0.2, 0.1, 0.3), "better"),
        (minus(-0.2, -0.3, -0.1), "worse"),
        (minus(0.2), "unknown"),
    ):
        (verdict,) = glance(scores(difference, combat(0.5))).verdicts
        assert verdict.verdict == word


def test_trust_finds_a_donor_on_both_sides(adata):
    assert claims(adata)["No donor on both sides of the split"][0] == "good"
    adata.obs["donor"] = ["d"] * 10
    assert claims(adata)["No donor on both sides of the split"] == ("bad", "1 donor of 1 are in several splits: d.")
    adata.obs = adata.obs.drop(columns="donor")
    assert claims(adata)["No donor on both sides of the split"][0] == "unknown"


def test_trust_measures_calibration_on_unseen_samples_alone(adata):
    state, text = claims(adata)["The confidence of predictions means what it says"]
    assert state == "bad"
    assert text == "On 4 unseen samples mean confidence is 90%, and 25% are right: the model is too sure."
    adata.obs["clrna_confidence"] = 0.3
    assert claims(adata)["The confidence of predictions means what it says"][0] == "good"


def test_trust_does_not_judge_labels_that_the_model_does_not_know(adata):
    adata.uns["clrna"] = {"models": {"X_clrna": {"label_key": "tissue", "classes": np.array(["Blood", "Liver"])}}}
    state, text = claims(adata)["The confidence of predictions means what it says"]
    assert state == "unknown"
    assert "is one that the model knows" in text and "cannot be told" in text and "clrna-normalize" in text


def test_trust_counts_what_is_unlike_the_training_data(adata):
    assert "2 of 10 samples (B 50 %)" in claims(adata)["Samples unlike the training data are flagged"][1]


def test_trust_holds_study_predictability_against_chance(adata):
    rows = scores(
        {"metric": "study_predictability", "value": 0.8, "direction": "lower", "headline": False},
        {"metric": "study_chance", "value": 0.5, "headline": False},
        {"metric": "study_from_label", "value": 0.7, "headline": False},
    )
    text = claims(adata, rows)["How well the study can still be told from the features (lower is better)"][1]
    assert (
        text
        == "Balanced accuracy: CLRNA 0.80. Chance reaches 0.50, the label alone, as studies hold different ones, 0.70."
    )


def test_trust_tells_of_in_sample_rows_in_the_headline(adata):
    assert claims(adata, scores({}))["Scores on training data stay out of the headline"][0] == "good"
    assert claims(adata, scores({"in_sample": True}))["Scores on training data stay out of the headline"][0] == "bad"


def test_studies_tell_their_scale_category_and_what_was_seen(adata):
    adata.obs["scale"] = "log2_tpm1"
    adata.obs["copy_of"] = [""] * 6 + ["A"] * 4
    samples = drawn_samples(
        adata, Path("a"), label_key="tissue", label_by=None, study_key="study", max_points=50, seed=0
    )
    table = label_by_study(samples, adata.obs["clrna_seen"].to_numpy())
    first, second = table.studies
    assert (first.n, first.unlabelled, first.scale, first.seen) == (6, 1, "log2(TPM + 1)", "trained on")
    assert (second.seen, second.copy_of) == ("never seen", "A")
    assert [row.name for row in table.rows] == ["Lung", "Skin", "Bone", ""]
    assert "Copied profiles are flagged" in claims(adata)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.714, "0.71"), (-0.2, "−0.20"), (18.44, "18.4"), (12345.6, "12,346"), (np.nan, "–"), (np.inf, "–")],
)
def test_scores_are_written_with_the_digits_that_matter(value, text):
    assert numbers.score(value) == text


def test_shares_and_lists():
    assert [numbers.share(n, 1000) for n in (0, 1, 500, 999, 1000)] == ["0 %", "0.1 %", "50 %", "99.9 %", "100 %"]
    assert enumerated(["a"]) == "a" and enumerated(["a", "b", "c"]) == "a, b and c"
    assert enumerated(list("abcdefgh"), at_most=3) == "a, b and 6 more"


def test_an_extract_of_a_record_is_not_a_step_of_its_own():
    whole = {"step": "normalize", "inputs": [{"name": "a", "sha256": "1"}], "seed": 0}
    other = {"step": "normalize", "inputs": [{"name": "b", "sha256": "2"}]}
    found = steps([whole, {"step": "normalize", "inputs": whole["inputs"]}, other, whole | {"seed": 1}])
    assert [(step.files[0].name, step.seed) for step in found] == [("a", "0"), ("b", ""), ("a", "1")]


def test_a_table_of_scores_is_a_step_unless_the_chain_has_it(tmp_path):
    (tmp_path / "s.tsv").write_text("x")
    chain = with_table_step([{"step": "encode"}], "score", [tmp_path / "s.tsv"])
    assert [record["step"] for record in chain] == ["encode", "score"]
    assert chain[1]["facts"]["wrote"].startswith("s.tsv, SHA-256 2d711642b726b044")
    assert with_table_step(chain, "score", [tmp_path / "s.tsv"]) == chain
    assert with_table_step(chain, "match", []) == chain


def normalized(*found, **more):
    return {"step": "normalize", "facts": {"found": list(found)}, **more}


def test_files_stand_as_they_were_read_each_once_and_those_of_a_merge_do_not():
    one = {"file": "a.tsv", "study": "A", "samples": 1240, "genes": "18 of 20", "why": "whole numbers"}
    two = {**one, "file": "b.tsv", "study": "B"}
    merged = {**one, "file": "a.h5ad", "why": NORMALIZED_BEFORE}
    rows = read_files([normalized(one), normalized(two), {"step": "train"}, normalized(merged), normalized(one)])
    assert [(row["file"], row["samples"]) for row in rows] == [("a.tsv", "1,240"), ("b.tsv", "1,240")]
    assert tuple(rows[0]) == FOUND_COLUMNS and rows[0]["lost"] == ""


@pytest.mark.parametrize("facts", [None, [], {"found": 3}, {"found": ["a", None]}, {}])
def test_records_of_others_have_no_files_that_were_read(facts):
    assert read_files([{"step": "normalize", "facts": facts}, {"step": "encode", "facts": {"found": [{}]}}]) == []


def test_what_was_read_is_no_fact_of_a_step_as_well():
    (step,) = steps([normalized({"file": "a.tsv"})])
    assert step.facts == []
