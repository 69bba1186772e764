"""The report of a cohort before a reference: the samples behind it, its matches and its genes, and what is refused."""

import json

import anndata
import numpy as np
import pandas as pd
import pytest

from clrna.constants import UNLABELLED
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.report.genes_view import genes_view
from clrna.report.matches_view import MOST_ROWS, matches_view
from clrna.report.outcome import outcome, right_of_unseen
from clrna.results.predictions import predictions_in
from clrna.results.samples import drawn_samples


@pytest.fixture
def cohort(folder):
    """The unseen study alone, without labels, as encoding a bare matrix leaves it."""
    adata = anndata.read_h5ad(folder / "encoded.h5ad")
    adata = adata[adata.obs["study"] == "TCGA <b>"].copy()
    adata.obs["tissue"] = ""
    adata.obs["clrna_uncertain"] = np.arange(adata.n_obs) < 3
    write_h5ad(adata, folder / "cohort.h5ad")
    return folder / "cohort.h5ad"


def drawn(adata, path="a.h5ad"):
    return drawn_samples(adata, path, label_key="tissue", label_by=None, study_key="study", max_points=99, seed=0)


def test_a_cohort_without_labels_is_colored_as_predicted_before_the_reference(cohort, folder, run_plot, page):
    words = ["-o", folder / "r.html", "--reference", folder / "reference.h5ad", "--matches", folder / "matches.tsv"]
    assert run_plot(folder, *words, inputs=["cohort.h5ad"]) == 0
    found = page(folder / "r.html")
    glance = " ".join(found.sections["glance"].split())
    assert "by predicted tissue" in glance and "uncertain 3" in glance
    assert "reference: REF <i> 24" in glance
    assert "3 are called uncertain: do not rely on these alone." in glance
    assert "as close as one of the same tissue for 18 and no closer than chance for 6. It has the same tissue" in glance
    assert "for 24 of the 24 whose tissue is known." in glance
    data = json.loads(found.data["embedding-data"])
    assert data["columns"][0]["name"] == "predicted tissue" and len(data["columns"][0]["codes"]) == 24
    [embedding] = data["embeddings"]
    assert len(embedding["projections"]["pca"]["behind"]["x"]) == data["reference"]["n"] == 24
    tints = data["reference"]["tints"][0]
    known = {look["label"] for look in data["columns"][0]["labels"]}
    assert [code >= 0 for code in tints] == [
        data["reference"]["labels"]["names"][code] in known for code in data["reference"]["labels"]["codes"]
    ]


def test_samples_of_a_study_that_the_file_holds_do_not_stand_behind_it_too(folder, run_plot, page, capsys):
    assert (
        run_plot(folder, "-o", folder / "r.html", "--reference", folder / "encoded.h5ad", inputs=["encoded.h5ad"]) == 0
    )
    assert "72 samples are left out, being of studies that the file holds itself" in capsys.readouterr().err
    assert json.loads(page(folder / "r.html").data["embedding-data"])["reference"] is None


def test_a_reference_of_another_model_is_refused(folder, run_plot, capsys):
    reference = anndata.read_h5ad(folder / "reference.h5ad")
    reference.uns["clrna"]["models"]["X_clrna"]["sha256"] = "cd" * 32
    write_h5ad(reference, folder / "other.h5ad")
    capsys.readouterr()
    assert run_plot(folder, "-o", folder / "r.html", "--reference", folder / "other.h5ad", "-q") == 3
    [line] = capsys.readouterr().err.strip().splitlines()
    assert "other.h5ad: is of the model cdcdcdcdcdcd" in line and "abababababab" in line
    assert not (folder / "r.html").exists()


def stranger(table):
    return table.assign(sample=table["sample"].replace(table["sample"].iloc[0], "nobody"))


def of_another_study(table):
    return table.assign(study=table["study"].replace("TCGA <b>", "GSE1"))


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("matches", stranger, "1 are not there (nobody); run clrna-match on"),
        ("matches", of_another_study, "24 are of another study there"),
        ("matches", lambda table: table.drop(columns="similarity"), "has no column 'similarity'"),
        ("matches", lambda table: table.assign(rank="first"), "column 'rank' holds 'first', a number is needed"),
        ("genes", lambda table: stranger(table[table["sample"] != ""]), "run clrna-explain on"),
        ("genes", lambda table: table.assign(direction="up"), "column 'direction' holds 'up', not for or against"),
    ],
)
def test_tables_of_something_else_are_refused_in_one_line_that_names_them(folder, run_plot, capsys, name, change, said):
    table = pd.read_csv(folder / f"{name}.tsv", sep="\t", keep_default_na=False)
    change(table).to_csv(folder / "odd.tsv", sep="\t", index=False)
    capsys.readouterr()
    assert run_plot(folder, "-o", folder / "r.html", f"--{name}", folder / "odd.tsv", "-q") == 3
    [line] = capsys.readouterr().err.strip().splitlines()
    assert "odd.tsv" in line and said in line
    assert not (folder / "r.html").exists()


def test_tables_of_several_studies_are_taken_together(folder, run_plot, page):
    table = pd.read_csv(folder / "matches.tsv", sep="\t", keep_default_na=False)
    table[:10].to_csv(folder / "one.tsv", sep="\t", index=False)
    table[10:].to_csv(folder / "two.tsv", sep="\t", index=False)
    words = ["--matches", folder / "one.tsv", "--matches", folder / "two.tsv", "--genes", folder / "genes.tsv"]
    assert run_plot(folder, "-o", folder / "r.html", *words, "--genes", folder / "genes.tsv") == 0
    found = page(folder / "r.html").sections
    assert "each of 24 samples" in " ".join(found["matches"].split())
    assert found["genes"].count("for1<b>") == len(set(table["label"])) + 2 * 72  # of labels once, of samples as given


def test_what_is_nearest_is_counted_by_category(folder, run_plot, page):
    table = pd.read_csv(folder / "matches.tsv", sep="\t", keep_default_na=False)
    assert matches_view(table, "tissue").categories == [
        ("tumor", "16", "cell line 16"),
        ("normal", "8", "cell line 8"),
    ]
    assert matches_view(table.assign(sample_category=""), "tissue").categories == []
    table.assign(match_sample_category="").to_csv(folder / "odd.tsv", sep="\t", index=False)
    assert run_plot(folder, "-o", folder / "r.html", "--matches", folder / "odd.tsv") == 0
    assert "normal8unknown 8" in " ".join(page(folder / "r.html").sections["matches"].split())
    table.drop(columns="sample_category").to_csv(folder / "old.tsv", sep="\t", index=False)  # as it was before
    assert run_plot(folder, "-o", folder / "r.html", "--matches", folder / "old.tsv") == 0


def test_of_thousands_of_samples_a_thousand_have_a_row_and_all_are_counted(folder):
    one = pd.read_csv(folder / "matches.tsv", sep="\t", keep_default_na=False)[:2]
    many = pd.concat([one.assign(sample=f"s{number}") for number in range(MOST_ROWS + 5)], ignore_index=True)
    view = matches_view(many, "tissue")
    assert (view.n, len(view.rows)) == (MOST_ROWS + 5, MOST_ROWS)
    assert view.note.startswith("The first 1,000 of 1,005 samples")
    assert sum(int(count.replace(",", "")) for _, _, count in view.levels) == view.n
    assert view.rows[-1].sample == f"s{MOST_ROWS - 1}" and len(view.rows[-1].others) == 1


def test_labels_that_were_predicted_come_first_with_their_strongest_genes(folder):
    genes = pd.read_csv(folder / "genes.tsv", sep="\t", keep_default_na=False)
    labels = list(dict.fromkeys(genes["label"]))
    view = genes_view(genes, [labels[3]] * 2 + [labels[1]])
    assert [(card.label, card.n) for card in view.cards] == [(labels[3], 2), (labels[1], 1)]
    assert len(view.cards) + len(view.others) == len(labels)
    assert [(bar.gene, bar.width, bar.is_less) for bar in view.cards[0].bars_for[:2]] == [
        ("for1<b>", 100.0, False),
        ("for2<b>", 50.0, False),
    ]
    assert view.cards[0].bars_against[0].is_less


@pytest.mark.parametrize(("share", "verdict"), [(0.0, "worse"), (1.0, "better")])
def test_what_came_out_reads_as_a_failure_where_it_is_one(folder, share, verdict):
    adata = anndata.read_h5ad(folder / "encoded.h5ad")
    adata.obs["clrna_label"] = adata.obs["tissue"] if share else np.roll(adata.obs["tissue"], 1)
    matches = pd.read_csv(folder / "matches.tsv", sep="\t", keep_default_na=False)
    matches["as_close_as"] = "same_label" if share else "chance"
    matches["match_label"] = matches["label"] if share else "another"
    said = outcome(drawn(adata), predictions_in(adata)[0], matches)
    told = {str(line).split(":")[0].split(" is ")[0]: line.verdict for line in said}
    assert told["Right"] == told["The nearest reference sample"] == verdict
    assert any(str(line).startswith(f"Right: {24 * int(share)} of the 24 ") for line in said)
    [right] = right_of_unseen(drawn(adata), predictions_in(adata)[0])
    assert (right.verdict, str(right)[:59]) == (
        verdict, f"The model's own label is right for {24 * int(share)} of the 24 whose tissue is"[:59]
    )  # fmt: skip


def test_chance_with_the_right_label_is_no_failure_and_labels_of_trained_studies_are_not_counted(folder):
    adata = anndata.read_h5ad(folder / "encoded.h5ad")
    matches = pd.read_csv(folder / "matches.tsv", sep="\t", keep_default_na=False).assign(as_close_as="chance")
    [said] = [line for line in outcome(drawn(adata), predictions_in(adata)[0], matches) if "nearest" in line]
    assert said.verdict == "unknown" and "for all 24. Even so it has the same tissue for 24 of the 24" in said
    adata.obs["clrna_seen"] = "study"
    assert right_of_unseen(drawn(adata), predictions_in(adata)[0]) == []


def test_labels_in_other_words_than_the_models_are_not_called_wrong(folder, run_plot, page):
    adata = anndata.read_h5ad(folder / "encoded.h5ad")
    adata.uns["clrna"]["models"]["X_clrna"]["classes"] = np.array(["Lung", "Skin"], dtype=object)
    assert UNLABELLED not in set(adata.obs["tissue"])
    said = [str(line) for line in outcome(drawn(adata), predictions_in(adata)[0], None)]
    assert any("cannot be told" in line and "clrna-normalize" in line for line in said)
    assert not any(line.startswith("Right") for line in said)
    write_h5ad(adata, folder / "words.h5ad")
    assert run_plot(folder, "-o", folder / "r.html", inputs=["words.h5ad"]) == 0
    predicted = page(folder / "r.html").sections["predictions"]
    assert "correct" not in predicted and "right and wrong are not counted" in predicted
