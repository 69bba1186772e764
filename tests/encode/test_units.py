"""What a study's values are is read, told or found out; what does not fit the model is turned or refused."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clrna.constants import STUDY
from clrna.encode.alignment import align_genes
from clrna.encode.plan import plan_studies
from clrna.encode.source import DiskSource
from clrna.encode.units import conversions_of_studies
from clrna.errors import InputError, UsageError
from clrna.genes import exonic_lengths, load_gene_table
from clrna.scale import normalize_counts

PATH = Path("query.h5ad")


class InMemory:
    """A matrix that notes how many rows are read at once."""

    def __init__(self, values):
        self.values = values
        self.shape = values.shape
        self.largest = 0

    def rows(self, start, stop):
        self.largest = max(self.largest, stop - start)
        return self.values[start:stop].copy()


@pytest.fixture
def values(query):
    """log2(TPM + 1)."""
    return np.asarray(query.X)


@pytest.fixture
def alignment(query):
    return align_genes(query.var_names, query.var[["ensembl_id", "entrez_id"]])


@pytest.fixture
def conversions(query, values, alignment):
    """Conversions of the query's studies."""

    def call(
        given=None, declared=None, stated="auto", scales=("log2_tpm1",), adapt="none", symbols=alignment.symbols,
        measured=None,
    ):  # fmt: skip
        plan = plan_studies(query.obs[STUDY].astype(str).to_numpy(), "study", adapt, 20)
        matrix = InMemory(values if given is None else given)
        column = None if declared is None else np.full(query.n_obs, declared, dtype=object)
        return conversions_of_studies(matrix, symbols, plan, column, stated, list(scales), PATH, measured=measured)

    return call


def counts_of(values):
    """Reads that have these logarithms of TPM, roughly."""
    return np.rint((np.exp2(values) - 1) * 10).astype(np.float32)


def test_the_scale_column_is_taken(conversions):
    found = [(conversion.source.name, conversion.target) for conversion in conversions(declared="log2_tpm1")]
    assert found == [("log2_tpm1", "log2_tpm1")] * 2


def test_the_option_wins_over_the_column_and_that_is_said(conversions, caplog):
    with caplog.at_level(logging.WARNING, logger="clrna"):
        conversions(declared="log2_expression", stated="log2_tpm1")
    assert "obs['scale'] says log2_expression, --input-scale log2_tpm1 is taken" in caplog.text


def test_the_option_may_name_studies(conversions, values):
    found = conversions(values, stated="SIM3=log2_tpm1,SIM4=ln_tpm1")
    assert [conversion.source.name for conversion in found] == ["log2_tpm1", "ln_tpm1"]
    with pytest.raises(UsageError, match="there is no study 'SIM9'"):
        conversions(stated="SIM9=log2_tpm1")


def test_without_either_the_values_are_looked_at(conversions, caplog):
    with caplog.at_level(logging.INFO, logger="clrna"):
        found = conversions(scales=["log2_expression"])
    assert {conversion.target for conversion in found} == {"log2_expression"}
    assert "study SIM3: values look like log2_expression" in caplog.text


@pytest.mark.parametrize("name", ["tpm", "ln_tpm1", "log10_tpm1", "log2_tpm0.5"])
def test_the_same_unit_on_another_scale_is_turned(conversions, values, alignment, name):
    linear = np.exp2(values.astype(np.float64)) - 1
    given = {
        "tpm": linear,
        "ln_tpm1": np.log(linear + 1),
        "log10_tpm1": np.log10(linear + 1),
        "log2_tpm0.5": np.log2(linear + 0.5),
    }[name].astype(np.float32)
    conversion = conversions(given, stated=name)[0]
    assert conversion.target == "log2_tpm1"
    np.testing.assert_allclose(conversion.apply(given, alignment), values, atol=1e-4)


def test_the_given_values_are_not_changed(conversions, values, alignment):
    given = np.exp2(values) - 1
    before = given.copy()
    conversions(given, stated="tpm")[0].apply(given, alignment)
    np.testing.assert_array_equal(given, before)


def test_missing_values_stay_missing_when_turned(conversions, values, alignment):
    given = np.exp2(values) - 1
    conversion = conversions(given, stated="tpm")[0]
    given[2, 3] = np.nan
    assert np.argwhere(np.isnan(conversion.apply(given, alignment))).tolist() == [[2, 3]]


@pytest.mark.parametrize("adapt", ["none", "study"])
def test_counts_become_the_model_s_tpm_as_clrna_normalize_makes_them(conversions, values, alignment, adapt):
    counts = counts_of(values)
    lengths = exonic_lengths(alignment.symbols)
    assert np.isfinite(lengths).all()
    expected = np.log2(normalize_counts(counts, "tpm", lengths) + 1)
    for stated in ("counts", "auto"):
        conversion = conversions(counts, stated=stated, adapt=adapt)[0]
        assert (conversion.source.name, conversion.target) == ("counts", "log2_tpm1")
        np.testing.assert_allclose(conversion.apply(counts, alignment), expected, rtol=1e-4, atol=1e-4)


def test_counts_become_the_model_s_cpm_with_all_reads_in_the_library(conversions, values, query):
    """A column that is no gene of the model counts as well."""
    counts = counts_of(values)
    alignment = align_genes(query.var_names, query.var[["ensembl_id", "entrez_id"]].iloc[:50])
    conversion = conversions(counts, stated="counts", scales=["log2_cpm1"])[0]
    expected = np.log2(normalize_counts(counts, "cpm") + 1)[:, :50]
    np.testing.assert_allclose(conversion.apply(counts, alignment), expected, rtol=1e-4, atol=1e-4)


def test_counts_of_a_gene_without_length_are_left_out_of_tpm(conversions, values, query, alignment):
    counts = counts_of(values)
    symbols = alignment.symbols.copy()
    symbols[7] = ""
    converted = conversions(counts, stated="counts", symbols=symbols)[0].apply(counts, alignment)
    assert np.isnan(converted[:, 7]).all()
    others = np.delete(np.arange(query.n_vars), 7)
    expected = np.log2(normalize_counts(counts[:, others], "tpm", exonic_lengths(symbols[others])) + 1)
    np.testing.assert_allclose(converted[:, others], expected, rtol=1e-4, atol=1e-4)


def test_a_sample_without_reads_has_no_values(conversions, values, alignment):
    counts = counts_of(values)
    conversion = conversions(counts, stated="counts")[0]
    counts[4] = 0
    missing = np.isnan(conversion.apply(counts, alignment))
    assert missing[4].all()
    assert missing.sum() == missing.shape[1]


def test_counts_are_refused_where_the_model_s_unit_cannot_be_made(conversions, values):
    with pytest.raises(InputError, match=r"study SIM3: values in counts become log2_tmm1 by clrna-normalize only"):
        conversions(counts_of(values), stated="counts", scales=["log2_tmm1"])


def test_with_statistics_of_the_study_counts_become_cpm(conversions, values):
    found = conversions(counts_of(values), stated="counts", scales=["log2_ratio"], adapt="study")
    assert {conversion.target for conversion in found} == {"log2_cpm1"}


def test_fpkm_of_all_genes_become_tpm():
    symbols = load_gene_table().symbol[:12_000]
    generator = np.random.default_rng(1)
    fpkm = generator.gamma(0.3, 40, (3, 12_000)).astype(np.float32)
    plan = plan_studies(np.full(3, "A", dtype=object), "study", "none", 20)
    conversion = conversions_of_studies(InMemory(fpkm), symbols, plan, None, "fpkm", ["log2_tpm1"], PATH)[0]
    model_genes = pd.DataFrame({"ensembl_id": "", "entrez_id": ""}, index=symbols[:100])
    converted = conversion.apply(fpkm, align_genes(symbols, model_genes))
    expected = np.log2(fpkm / fpkm.sum(axis=1, keepdims=True) * 1e6 + 1)[:, :100]
    np.testing.assert_allclose(converted, expected, rtol=1e-4, atol=1e-4)


def test_fpkm_of_some_genes_do_not(conversions, values):
    with pytest.raises(InputError, match=r"log2_fpkm1 cannot be turned into log2_tpm1"):
        conversions(declared="log2_fpkm1")


@pytest.mark.parametrize("name", ["log2_intensity", "log2_expression", "log2_cpm1", "log2_fpkm1"])
def test_another_unit_is_refused_without_statistics_of_the_study(conversions, values, name):
    with pytest.raises(InputError) as caught:
        conversions(values + 4 * (name == "log2_intensity"), declared=name)
    text = str(caught.value)
    for word in ("query.h5ad: study SIM3", name, "log2_tpm1", "--input-scale", "--adapt study"):
        assert word in text
    assert "\n" not in text


def test_with_statistics_of_the_study_the_unit_is_taken_out(conversions, values, caplog):
    with caplog.at_level(logging.INFO, logger="clrna"):
        found = conversions(values + 4, declared="log2_intensity", adapt="study")
    assert {conversion.target for conversion in found} == {"log2_intensity"}
    assert "takes the unit out" in caplog.text and "ratios" not in caplog.text


def test_ratios_are_warned_of_where_the_model_has_learned_from_none(conversions, values, caplog):
    with caplog.at_level(logging.WARNING, logger="clrna"):
        conversions(values - values.mean(axis=0), declared="log2_ratio", adapt="study")
    assert "study SIM3: ratios carry the tissue only as far as the reference sample lacks it" in caplog.text


@pytest.mark.parametrize("told", ["column", "option"])
def test_counts_where_logarithms_are_stated_are_refused(conversions, values, told):
    given = {"declared": "log2_tpm1"} if told == "column" else {"stated": "log2_tpm1"}
    with pytest.raises(InputError, match=r"the values are not log2_tpm1") as caught:
        conversions(counts_of(values), **given)
    assert ("obs['scale']" if told == "column" else "--input-scale") in str(caught.value)


def test_negative_values_where_there_can_be_none(conversions, values):
    with pytest.raises(InputError, match="the smallest is -"):
        conversions(values - 5, declared="log2_tpm1")


def test_the_logarithm_of_zero_without_pseudo_count_is_no_missing_value(query, values, alignment):
    with np.errstate(divide="ignore"):
        given = np.log2(np.exp2(values) - 1)
    assert np.isneginf(given).any()
    plan = plan_studies(query.obs[STUDY].astype(str).to_numpy(), "study", "none", 20)
    matrix = InMemory(given)
    found = conversions_of_studies(matrix, alignment.symbols, plan, None, "log2_tpm0", ["log2_tpm1"], PATH)
    [(_, converted)] = DiskSource(matrix, alignment, plan, found, query.obs_names, 1000).blocks("test")
    np.testing.assert_allclose(converted, values, atol=1e-4)


def test_two_scales_in_one_study_are_refused(query, values, alignment):
    plan = plan_studies(query.obs[STUDY].astype(str).to_numpy(), "study", "none", 20)
    declared = np.array(["log2_tpm1", "zscore"] * 36, dtype=object)
    with pytest.raises(InputError, match=r"study SIM3: obs\['scale'\] names 2 scales \(log2_tpm1, zscore\)"):
        conversions_of_studies(InMemory(values), alignment.symbols, plan, declared, "auto", ["log2_tpm1"], PATH)


def test_unknown_scales(conversions):
    with pytest.raises(InputError, match=r"query\.h5ad: study SIM3: obs\['scale'\]: scale 'furlongs'"):
        conversions(declared="furlongs")
    with pytest.raises(UsageError, match="scale 'furlongs'"):
        conversions(stated="furlongs")


def test_a_study_of_one_value_is_no_expression(conversions, query):
    with pytest.raises(InputError, match="not an expression matrix"):
        conversions(np.full(query.shape, 3.5, dtype=np.float32))


def test_a_model_that_says_no_scale_takes_them_all(conversions, caplog):
    with caplog.at_level(logging.WARNING, logger="clrna"):
        assert conversions(declared="log2_fpkm1", scales=[])[0].target == "log2_fpkm1"
    assert "does not say in which scale" in caplog.text


def test_only_some_samples_are_read_to_find_out(query, values, alignment):
    matrix = InMemory(np.tile(values, (100, 1)))
    plan = plan_studies(np.tile(query.obs[STUDY].astype(str).to_numpy(), 100), "study", "none", 20)
    conversions_of_studies(matrix, alignment.symbols, plan, None, "auto", ["log2_expression"], PATH)
    assert matrix.largest <= 600


def test_what_fills_genes_is_of_no_unit(query, conversions, values):
    study = query.obs[STUDY].astype(str).to_numpy()[0]
    there = np.arange(values.shape[1]) > 0
    filled = values.copy()
    filled[:, 0] = 21.0  # some two million TPM
    with pytest.raises(InputError, match="the values are not log2_tpm1"):
        conversions(filled, "log2_tpm1")
    everywhere = dict.fromkeys(query.obs[STUDY].astype(str), there)
    assert study in everywhere and conversions(filled, "log2_tpm1", measured=everywhere)
