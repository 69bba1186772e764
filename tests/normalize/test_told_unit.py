"""What a table tells of its unit besides the values counts where these leave it open."""

import numpy as np
import pandas as pd
import pytest

from clrna.genes import load_gene_table
from tests.normalize.conftest import counts_of

ALL = ("--min-class-size", 1)
SAMPLES = ["P1x", "P2x", "P3x", "P4x"]


def fpkm() -> pd.DataFrame:
    counts = counts_of(SAMPLES)
    values = counts / np.random.default_rng(0).lognormal(0, 1, (len(counts), 1)) / 7
    values.iloc[3, 2] = 0
    return values


@pytest.mark.parametrize("name", ["{}_FPKM", "FPKM.{}", "{} (RPKM)"])
@pytest.mark.parametrize("form", ["linear", "logarithm"])
def test_names_tell_fpkm_and_metadata_join(normalize, tmp_path, name, form):
    values = fpkm()
    shown = values if form == "linear" else np.log2(values + 1)
    shown.rename(columns=name.format).to_csv(tmp_path / "m.tsv", sep="\t")
    table = tmp_path / "samples.tsv"
    table.write_text("sample\ttissue\n" + "".join(f"{sample}\tlung\n" for sample in SAMPLES))
    result = normalize(tmp_path / "m.tsv", "--metadata", table, *ALL)
    assert result.adata.obs_names.tolist() == SAMPLES and set(result.adata.obs["tissue"]) == {"Lung"}
    assert set(result.adata.obs["scale"]) == {"log2_fpkm1"} and "the samples' names say fpkm" in result.log
    assert set(result.adata.uns) == {"clrna"}
    right = np.log2(values.T + 1)
    assert np.allclose(result.adata.X, right[result.adata.var["original_id"]], atol=1e-3)


@pytest.mark.parametrize("name", ["{} (log10FPKM)", "log10(RPKM+1) {}"])
def test_names_tell_the_unit_and_the_base_of_logarithms(normalize, tmp_path, name):
    values = fpkm()
    np.log10(values + 1).rename(columns=name.format).to_csv(tmp_path / "m.tsv", sep="\t")
    adata = normalize(tmp_path / "m.tsv", *ALL).adata
    assert adata.obs_names.tolist() == SAMPLES and set(adata.obs["scale"]) == {"log2_fpkm1"}
    assert np.allclose(adata.X, np.log2(values.T + 1)[adata.var["original_id"]], atol=1e-3)


def test_a_second_header_line_tells_fpkm(normalize, tmp_path):
    values = fpkm()
    rows = values.to_csv(sep="\t", header=False)
    unit = "gene_id" + "\tRPKM" * len(SAMPLES)
    (tmp_path / "m.txt").write_text("\t".join(["Hybridization REF", *SAMPLES]) + f"\n{unit}\n{rows}")
    adata = normalize(tmp_path / "m.txt", *ALL).adata
    assert adata.obs_names.tolist() == SAMPLES and set(adata.obs["scale"]) == {"log2_fpkm1"}
    assert np.allclose(adata.X, np.log2(values.T + 1)[adata.var["original_id"]], atol=1e-3)


def test_what_the_values_contradict_is_a_doubt(normalize, tmp_path):
    fpkm().rename(columns="{}_TPM".format).mul(1e6).to_csv(tmp_path / "m.tsv", sep="\t")
    log = normalize(tmp_path / "m.tsv").log
    assert "the samples' names say tpm" in log and "else state --input-scale" in log


@pytest.mark.parametrize("of_array", [False, True])
def test_whole_numbers_of_an_array_of_geo(normalize, tmp_path, of_array):
    """Signals that by themselves pass for counts."""
    random = np.random.default_rng(7)
    logs = np.minimum(4 + random.gamma(3.0, 1.5, (6_000, 1)) + random.normal(0, 1.0, (6_000, 4)), 15.5)
    body = pd.DataFrame(np.rint(2**logs).astype(int), index=load_gene_table().symbol[:6_000], columns=SAMPLES)
    text = body.rename_axis("ID_REF").to_csv(sep="\t")
    top = '!Series_title\t"x"\n!Series_platform_id\t"GPL570"\n!Sample_title\t' + "\t".join(SAMPLES) + "\n"
    series = f"{top}!series_matrix_table_begin\n{text}!series_matrix_table_end\n"
    path = tmp_path / "m.txt"
    path.write_text(series if of_array else text)
    result = normalize(path)
    if of_array:
        assert set(result.adata.obs["scale"]) == {"log2_intensity"} and "signals of the array GPL570" in result.log
    else:
        assert set(result.adata.obs["scale"]) == {"log2_tpm1"} and "is it counts? the largest is" in result.log


def of_an_array(genes: int, *, normalized: bool = False) -> pd.DataFrame:
    """Return log2 intensities that lie between 3 and 15."""
    random = np.random.default_rng(3)
    logs = np.clip(4 + random.gamma(2.0, 2.0, (genes, 1)) + random.normal(0, 0.3, (genes, 6)), 3, 15)
    if normalized:
        logs = np.sort(logs, axis=0).mean(axis=1)[logs.argsort(axis=0).argsort(axis=0)]
    return pd.DataFrame(logs, index=load_gene_table().symbol[:genes], columns=[f"P{at}x" for at in range(6)])


@pytest.mark.parametrize("genes", [400, 3_000])
@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("told", ["file", "samples", "option", "nothing"])
def test_logarithms_to_the_base_10_of_an_array(normalize, tmp_path, genes, normalized, told):
    logs = of_an_array(genes, normalized=normalized)
    shown = (logs * np.log10(2)).round(4)
    path = tmp_path / ("cohort_log10.tsv" if told == "file" else "cohort.tsv")
    (shown.rename(columns="{}_log10".format) if told == "samples" else shown).to_csv(path, sep="\t")
    result = normalize(path, *(("--input-scale", "log10_intensity") if told == "option" else ()))
    assert result.adata.obs_names.tolist() == list(logs.columns)
    assert set(result.adata.obs["scale"]) == {"log2_intensity"}
    assert ("else state --input-scale" in result.log) == (told == "nothing")
    factor = np.log10(2) if told == "nothing" and genes < 1_000 else 1.0
    assert np.allclose(result.adata.X, factor * logs.T[result.adata.var["original_id"]], atol=1e-3)


@pytest.mark.parametrize("name", ["GSE1_FPKM.txt", "GSE1.rpkm.tsv", "GSE1_log2FPKM.txt"])
def test_the_files_name_tells_fpkm_where_the_values_leave_it_open(normalize, tmp_path, name):
    """Genes of low expression were left out, so that no value is 0, as in arrays."""
    values = fpkm().clip(lower=1.5)
    shown = np.log2(values + 1) if "log2" in name else values
    shown.round(4).to_csv(tmp_path / name, sep="\t")
    result = normalize(tmp_path / name, *ALL)
    assert set(result.adata.obs["scale"]) == {"log2_expression" if "log2" in name else "log2_fpkm1"}
    assert "the file's name says fpkm" in result.log
    assert np.allclose(result.adata.X, np.log2(values.T + 1)[result.adata.var["original_id"]], atol=1e-3)


@pytest.mark.parametrize("name", ["GSE1_FPKM-UQ.txt", "GSE1_tpm_fpkm.txt", "matpm.txt"])
def test_other_names_of_files_tell_no_unit(normalize, tmp_path, name):
    fpkm().to_csv(tmp_path / name, sep="\t")
    assert set(normalize(tmp_path / name, *ALL).adata.obs["scale"]) == {"log2_expression"}


def test_the_files_name_makes_no_fpkm_of_counts(normalize, tmp_path):
    counts_of(SAMPLES).to_csv(tmp_path / "for_FPKM.txt", sep="\t")
    assert set(normalize(tmp_path / "for_FPKM.txt", *ALL).adata.obs["scale"]) == {"log2_tpm1"}
