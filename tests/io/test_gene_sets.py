"""Ranked lists, sets of genes and their scores: refused as what they are."""

import numpy as np
import pandas as pd
import pytest

from clrna.errors import InputError
from clrna.io.tables import read_expression
from tests.normalize.conftest import GENES

SETS = ["HALLMARK_HYPOXIA", "HALLMARK_G2M_CHECKPOINT", "KEGG_CELL_CYCLE", "GOBP_DNA_REPAIR", "REACTOME_APOPTOSIS"]
SCORES = pd.Series(np.random.default_rng(0).normal(0, 2, len(GENES)), index=pd.Index(GENES, name="gene"))
RANKED = SCORES.sort_values(ascending=False)
OF_SETS = pd.DataFrame(np.linspace(-0.5, 0.8, 20).reshape(5, 4), index=SETS, columns=["P1x", "P2x", "P3x", "P4x"])


def error_of(path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_expression(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.rnk", "a.rnk.txt", "A.RNK"])
@pytest.mark.parametrize("head", ["", "# signed p\n", "#Gene\tScore\n", "Gene\tScore\n"])
@pytest.mark.parametrize("scores", [SCORES, SCORES.abs()])
def test_a_ranked_list_is_known_by_its_ending(tmp_path, name, head, scores):
    error = error_of(tmp_path / name, head + scores.to_csv(sep="\t", header=False))
    assert "a ranked list of a comparison (.rnk)" in error and "the matrix that was compared" in error


@pytest.mark.parametrize("column", [None, "A_vs_B", "t"])
def test_both_signs_that_sort_the_rows_are_a_ranked_list(tmp_path, column):
    for order in (RANKED, RANKED[::-1]):
        text = order.rename(column).to_csv(sep="\t", header=column is not None)
        assert "by a comparison, and there is no sample" in error_of(tmp_path / "list.txt", text)


def test_one_column_called_as_a_statistic_is_no_sample(tmp_path):
    for name in ("rank", "Ranking Metric", "NES", "signed_logp", "score"):
        error = error_of(tmp_path / "a.tsv", SCORES.rename(name).to_csv(sep="\t"))
        assert f"its column {name!r} ranks genes by a comparison" in error


def test_one_sample_of_ratios_or_amounts_is_read(tmp_path):
    for values in (SCORES, RANKED.abs().sort_values()):
        values.rename("P1x").to_csv(tmp_path / "a.tsv", sep="\t")
        assert read_expression(tmp_path / "a.tsv").obs_names.tolist() == ["P1x"]


@pytest.mark.parametrize("lies", ["as written", "turned", "gct", "report"])
def test_scores_of_sets_of_genes(tmp_path, lies):
    frame = OF_SETS.T if lies == "turned" else OF_SETS
    text = frame.to_csv(sep="\t")
    if lies == "gct":
        frame = OF_SETS.rename_axis("Name")
        frame.insert(0, "Description", "na")
        text = f"#1.2\n5\t4\n{frame.to_csv(sep=chr(9))}"
    if lies == "report":
        columns = {"GS DETAILS": "Details ...", "SIZE": 50, "ES": 0.5, "NES": OF_SETS["P1x"], "FDR q-val": 0.01}
        text = pd.DataFrame(columns, index=pd.Index(SETS, name="NAME")).to_csv(sep="\t")
    assert "sets of genes (HALLMARK_HYPOXIA, HALLMARK_G2M_CHECKPOINT and 3 more)" in error_of(tmp_path / "m.txt", text)


def test_samples_called_nearly_so_are_none(tmp_path):
    frame = pd.DataFrame(7.5, index=GENES, columns=["GO_1", "GO_2", "ST_LIVER_1", "KEGG_4"])
    frame.iloc[::2] += np.arange(20)[:, None]
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    assert read_expression(tmp_path / "m.tsv").n_obs == 4


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("h.gmt", "HALLMARK_HYPOXIA\thttp://x\tTP53\tEGFR\n", "sets of genes (.gmt)"),
        ("h.gmx", "HALLMARK_HYPOXIA\tOTHER\nna\tna\nTP53\tEGFR\n", "sets of genes (.gmx)"),
        ("h.grp", "TP53\nEGFR\n", "a set of genes (.grp)"),
        ("c.cls", "4 2 1\n# tumor normal\n0 0 1 1\n", "classes of samples for GSEA (.cls)"),
        ("classes.txt", "4 2 1\n# tumor normal\n0 0 1 1\n", "classes of samples for GSEA (.cls)"),
        ("p.chip", "Probe Set ID\tGene Symbol\tGene Title\n1_at\tTP53\tx\n", "give it with --gene-map"),
        ("p.txt", "Probe Set ID\tGene Symbol\tGene Title\n1_at\tTP53\tx\n", "give it with --gene-map"),
    ],
)
def test_files_of_gene_set_analysis(tmp_path, name, text, reason):
    assert reason in error_of(tmp_path / name, text)
