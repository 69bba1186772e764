"""``clrna-match`` from files to the table."""

import numpy as np
import pandas as pd
import pytest

import clrna
from clrna.match.table import matches_as_tsv
from clrna.results.match_table import COLUMNS


def test_a_line_finds_itself_and_is_called_a_replicate(run, make, capsys) -> None:
    matches = run(make("A"), make("BC"), "-k", 3)
    assert tuple(matches.columns) == COLUMNS and len(matches) == 90
    nearest = matches[matches["rank"] == 1]
    assert (nearest["match_donor"] == nearest["donor"]).all() and (nearest["match_study"] == "B").all()
    # no donor of this reference is in two of its studies
    assert "the level replicate is left out" in capsys.readouterr().err
    assert set(matches["as_close_as"]) <= {"same_label", "chance"} and (matches["p_replicate"] == "").all()


def test_replicates_are_stated_where_the_reference_has_some(run, make, capsys) -> None:
    query = make("D", seed=4)
    matches = run(query, make("ABC"))
    nearest = matches[matches["rank"] == 1]
    assert (nearest["match_donor"] == nearest["donor"]).mean() > 0.95
    stated = matches[matches["as_close_as"] == "replicate"]
    assert len(stated) >= 20 and (stated["match_donor"] == stated["donor"]).mean() > 0.9
    assert "of 30 samples whose donor the reference has, 30 (100.0%) are nearest" in capsys.readouterr().err
    third = matches[(matches["match_donor"] != matches["donor"])]
    assert (third["as_close_as"] == "replicate").mean() < 0.05


def test_ranks_within_the_label(run, make) -> None:
    matches = run(make("A"), make("BC"), "-k", 60)
    for _, of_sample in matches.groupby("sample"):
        own = of_sample["match_label"] == of_sample["label"]
        assert pd.to_numeric(of_sample.loc[own, "rank_in_label"]).tolist() == list(range(1, own.sum() + 1))
        assert (of_sample.loc[~own, "rank_in_label"] == "").all()
        assert set(pd.to_numeric(of_sample["first_of_label"])) == {of_sample.loc[own, "rank"].min()}
        assert of_sample["similarity"].is_monotonic_decreasing


def test_from_tumor_to_cell_line_and_back(run, make) -> None:
    adata = make("ABC")
    lines = run(adata, adata, "--from", "tumor", "--to", "cell_line")
    assert set(lines["study"]) == {"C"} and set(lines["match_sample_category"]) == {"cell_line"}
    tumors = run(adata, adata, "--from", "cell_line", "--to", "tumor")
    assert set(tumors["match_study"]) == {"C"} and set(tumors["study"]) == {"A", "B"}


def test_all_stand_for_a_category_that_the_reference_lacks(run, make, capsys) -> None:
    query = make("D")
    query.obs["sample_category"] = "xenograft"
    matches = run(query, make("AB"), "--from", "xenograft")
    assert "the reference has 0 samples of --from: all of its samples stand for them" in capsys.readouterr().err
    assert (matches["p_same_label"] != "").all()


def test_normal_tissue_is_told_from_tumors(run, make, capsys) -> None:
    query, reference = make("A"), make("BC")
    query.obs["sample_category"] = ["normal" if tissue != "Skin" else "tumor" for tissue in query.obs["tissue"]]
    table = run(query, reference)
    told = capsys.readouterr().err
    assert "20 samples are normal tissue, of 20 of them the reference holds none of the label (it has none)" in told
    assert "of 20 normal samples 0 are nearest to a normal one" in told
    assert set(table["sample_category"]) == {"normal", "tumor"}

    bowel = (reference.obs["tissue"] == "Bowel") & (reference.obs["study"] == "B")
    reference.obs.loc[bowel, "sample_category"] = "normal"
    table = run(query, reference)
    told = capsys.readouterr().err
    assert "of 10 of them the reference holds none of the label (it has Bowel 10): nearest to these are tumors" in told
    assert "of 20 normal samples 10 are nearest to a normal one" in told
    # Among tumors alone no normal sample is found, and nobody is warned of what was asked for.
    table = run(query, reference, "--to", "tumor")
    assert set(table["match_sample_category"]) == {"tumor"} and "normal" not in capsys.readouterr().err
    run(query, make("BC")[:, :].copy(), "--from", "tumor")
    assert "normal" not in capsys.readouterr().err
    del reference.obs["sample_category"]
    run(query, reference)
    assert "does not say which of its samples are, so that what is nearest to them may" in capsys.readouterr().err


def test_the_own_study_is_matched_only_on_request_and_no_sample_with_itself(run, make) -> None:
    adata = make("AB")
    assert not (run(adata, adata)["study"] == run(adata, adata)["match_study"]).any()
    within = run(adata, adata, "--own-study", "-k", 59)
    assert (within["study"] == within["match_study"]).any() and not (within["sample"] == within["match"]).any()
    assert (within.groupby("sample").size() == 59).all()


def test_studies_that_were_not_trained_on_are_learned_from_alone(run, make, capsys) -> None:
    run(make("D"), make("ABC", trained="BC"))
    told = capsys.readouterr().err
    assert "same_label is calibrated on 30 reference samples of studies that the model was not trained on" in told
    run(make("D"), make("ABC", trained="ABC"))
    assert (
        "90 reference samples that the model was trained on, so that it may be stated too often"
        in capsys.readouterr().err
    )


def test_a_predicted_label_stands_in_for_one_that_is_not_known(run, make) -> None:
    query = make("A")
    query.obs["clrna_label"] = query.obs["tissue"].to_numpy()
    query.obs.loc[query.obs_names[0], "tissue"] = np.nan
    first = run(query, make("BC"), "-k", 1)[["label", "label_from"]].to_numpy().tolist()
    assert first[0] == ["Bowel", "predicted"] and first[1] == ["Lung", "file"]


def test_python_gives_the_same_table(run, make, tmp_path) -> None:
    query, reference = make("D"), make("ABC")
    run(query, reference, "-k", 2)
    made = clrna.tl.match(query, reference, n_matches=2)
    assert matches_as_tsv(made) == (tmp_path / "matches.tsv").read_text()
    with pytest.raises(clrna.errors.InputError, match="from_category none"):
        clrna.tl.match(query, reference, from_category="none")


def other_model(adata):
    adata.uns["clrna"]["models"]["X_clrna"]["sha256"] = "cd" * 32


def no_model(adata):
    del adata.uns["clrna"]


def one_study(adata):
    adata.obs["study"] = "D"


def no_codes(adata):
    del adata.obsm["X_clrna"]


def no_study(adata):
    del adata.obs["study"]


def wide(adata):
    adata.obsm["X_clrna"] = np.ones((adata.n_obs, 5), dtype=np.float32)


@pytest.mark.parametrize(
    ("spoil", "words", "told"),
    [
        (other_model, (), "is of the model cdcdcdcdcdcd, but .*query.h5ad was encoded by abababababab"),
        (no_model, (), "does not say which model made"),
        (one_study, (), "every sample is of the study that is asked about"),
        (no_codes, (), "no such codes in obsm, which has nothing"),
        (no_study, (), "has no column 'study'"),
        (wide, (), "have 5 features"),
        (None, ("--to", "moon"), "--to moon: no sample is of this category; it has cell_line, tumor"),
        (None, ("--key", "X_mine"), "--key X_mine: no such codes"),
        (None, ("--label-key", "mine"), "has no column 'mine'"),
        (None, ("--donor-key", "mine"), "has no column 'mine'"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(run, make, capsys, spoil, words, told) -> None:
    import re

    reference = make("ABC")
    if spoil:
        spoil(reference)
    run(make("D"), reference, *words, status=3)
    lines = [line for line in capsys.readouterr().err.splitlines() if ": error: " in line]
    assert len(lines) == 1 and re.search(told, lines[0]), lines
