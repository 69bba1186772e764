"""Tables of statistics of genes hold no samples, and samples beside statistics are kept."""

import numpy as np
import pandas as pd
import pytest

from clrna.errors import InputError
from clrna.io.tables import read_expression
from tests.normalize.conftest import GENES, counts_of

RESULTS = {
    "FindMarkers": ["p_val", "avg_log2FC", "pct.1", "pct.2", "p_val_adj"],
    "FindAllMarkers": ["p_val", "avg_log2FC", "pct.1", "pct.2", "p_val_adj", "cluster"],
    "scanpy": ["scores", "logfoldchanges", "pvals", "pvals_adj"],
    "limma with intervals": ["logFC", "CI.L", "CI.R", "AveExpr", "t", "P.Value", "adj.P.Val", "B"],
    "DESeq": ["baseMean", "baseMeanA", "baseMeanB", "foldChange", "log2FoldChange", "pval", "padj"],
    "EBSeq": ["PPEE", "PPDE", "PostFC", "RealFC", "C1Mean", "C2Mean"],
    "NOISeq": ["ctrl_mean", "trt_mean", "theta", "prob", "log2FC"],
    "SAM": ["Score(d)", "Numerator(r)", "Denominator(s+s0)", "Fold Change", "q-value(%)"],
    "MAGeCK": ["num", "pos|score", "pos|p-value", "pos|fdr", "pos|rank", "pos|goodsgrna", "pos|lfc"],
    "GEPIA": ["Median (Tumor)", "Median (Normal)", "Log2(Fold Change)", "adjp"],
    "Cox": ["coef", "exp(coef)", "se(coef)", "z", "Pr(>|z|)", "lower .95", "upper .95"],
    "hazard ratios": ["HR", "CI_low", "CI_high", "p"],
    "correlations": ["Correlation", "P-value", "FDR"],
    "OncoLnc": ["Cox coefficient", "P-Value", "FDR Corrected", "Rank", "Median Expression", "Mean Expression"],
    "gnomAD": ["lof.pLI", "lof.oe_ci.upper", "mis.z_score", "pRec", "oe_lof_upper", "mis_z"],
    "MutSig": ["codelen", "nnei", "nsil", "nmis", "npat", "pCV", "p", "q"],
    "variable genes": ["vst.mean", "vst.variance", "vst.variance.standardized", "vst.variable"],
    "WGCNA": ["GS.weight", "p.GS.weight", "MM.blue", "p.MM.blue"],
}


def statistics(names: list[str]) -> pd.DataFrame:
    values = np.random.default_rng(1).random((len(GENES), len(names)))
    frame = pd.DataFrame(values, index=pd.Index(GENES, name="gene"), columns=names)
    for name in names:
        if any(word in name.lower() for word in ("mean", "median", "rank", "aveexpr")):
            frame[name] *= 1_000
        if any(word in name.lower() for word in ("log", "scores", "coef", "correl", "ci.", "gs.")) and name[1] != ".":
            frame[name] -= 0.5
    return frame


@pytest.mark.parametrize("program", RESULTS)
def test_results_are_refused_as_such(tmp_path, program):
    statistics(RESULTS[program]).to_csv(tmp_path / "r.tsv", sep="\t")
    with pytest.raises(InputError, match=r"results of a test"):
        read_expression(tmp_path / "r.tsv")


@pytest.mark.parametrize("samples", [["P1x", "P2x", "P3x"], ["a", "b", "c", "d"], ["T1", "T2", "N1", "N2"]])
def test_samples_beside_results_are_read(tmp_path, samples):
    frame = counts_of(samples).join(statistics(["log2FoldChange", "lfcSE", "stat", "pvalue", "padj"]))
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    adata = read_expression(tmp_path / "m.tsv")
    assert adata.obs_names.tolist() == samples and {"pvalue", "stat"} <= set(adata.var)


@pytest.mark.parametrize("samples", [["n", "p", "r", "z"], ["f", "t"], ["Score 1", "Score 2"], ["mean_1", "mean_2"]])
def test_samples_called_as_statistics_with_no_test_beside(tmp_path, samples):
    counts_of(samples).to_csv(tmp_path / "m.tsv", sep="\t")
    assert read_expression(tmp_path / "m.tsv").obs_names.tolist() == samples


def test_few_columns_beside_results_are_asked_about(tmp_path):
    frame = statistics(["log2FC", "padj", "conservation"])
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    with pytest.raises(InputError, match=r"columns \(conservation\) beside them that may be results, too"):
        read_expression(tmp_path / "m.tsv")
