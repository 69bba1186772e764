"""What a study's values are is read, told or found out; what does not fit the model is turned or refused."""

import logging
from pathlib import Path

import numpy as np
import pytest

from clrna.constants import SCALE, STUDY
from clrna.encode.plan import plan_studies
from clrna.encode.units import units_of_studies
from clrna.errors import InputError, UsageError

PATH = Path("query.h5ad")


class InMemory:
    """A matrix that counts how many rows are read at once."""

    def __init__(self, values):
        self.values = values
        self.shape = values.shape
        self.largest = 0

    def rows(self, start, stop):
        self.largest = max(self.largest, stop - start)
        return self.values[start:stop].copy()


@pytest.fixture
def units(query):
    """Units of the query's studies: ``units(values, declared, stated, model_scales, adapt)``."""

    def call(values=None, declared=None, stated="auto", model_scales=("log2_tpm1",), adapt="none"):
        plan = plan_studies(query.obs[STUDY].astype(str).to_numpy(), "study", adapt, 20)
        matrix = InMemory(np.asarray(query.X) if values is None else values)
        column = None if declared is None else np.full(query.n_obs, declared, dtype=object)
        return units_of_studies(matrix, plan, column, stated, list(model_scales), PATH)

    return call


def test_the_scale_column_is_taken(units):
    assert [(unit.source.name, unit.target) for unit in units(declared="log2_tpm1")] == [("log2_tpm1", "log2_tpm1")] * 2


def test_the_option_wins_over_the_column_and_that_is_said(units, caplog):
    with caplog.at_level(logging.WARNING, logger="clrna"):
        units(declared="log2_expression", stated="log2_tpm1")
    assert "obs['scale'] says log2_expression, --input-scale log2_tpm1 is taken" in caplog.text


def test_without_either_the_values_are_looked_at(units, query, caplog):
    with caplog.at_level(logging.INFO, logger="clrna"):
        found = units(model_scales=["log2_expression"])
    assert {unit.target for unit in found} == {"log2_expression"}
    assert "study SIM3: values look like log2_expression" in caplog.text


@pytest.mark.parametrize("name", ["tpm", "ln_tpm1", "log10_tpm1", "log2_tpm0.5"])
def test_the_same_unit_on_another_scale_is_turned(units, query, name):
    log2 = np.asarray(query.X, dtype=np.float64)
    linear = np.exp2(log2) - 1
    given = {
        "tpm": linear,
        "ln_tpm1": np.log(linear + 1),
        "log10_tpm1": np.log10(linear + 1),
        "log2_tpm0.5": np.log2(linear + 0.5),
    }[name].astype(np.float32)
    unit = units(given, stated=name)[0]
    assert unit.target == "log2_tpm1"
    assert unit.adds == (name == "tpm")
    np.testing.assert_allclose(unit.convert(given.copy()), log2, atol=1e-4)


def test_missing_values_stay_missing_when_turned(units, query):
    given = np.exp2(np.asarray(query.X)) - 1
    unit = units(given, stated="tpm")[0]
    assert np.isnan(unit.convert(np.array([[np.nan, 3]], dtype=np.float32))).tolist() == [[True, False]]


@pytest.mark.parametrize("name", ["log2_intensity", "log2_expression", "log2_cpm1", "log2_fpkm1"])
def test_another_unit_is_refused_without_statistics_of_the_study(units, query, name):
    values = np.asarray(query.X) + (4 if name == "log2_intensity" else 0)
    with pytest.raises(InputError) as caught:
        units(values, declared=name)
    text = str(caught.value)
    for word in ("query.h5ad: study SIM3", name, "log2_tpm1", "--input-scale"):
        assert word in text
    assert "\n" not in text


def test_with_statistics_of_the_study_the_unit_is_taken_out(units, query, caplog):
    with caplog.at_level(logging.INFO, logger="clrna"):
        found = units(np.asarray(query.X) + 4, declared="log2_intensity", adapt="study")
    assert {unit.target for unit in found} == {"log2_intensity"}
    assert "takes the unit out" in caplog.text


@pytest.mark.parametrize("adapt", ["study", "none"])
@pytest.mark.parametrize("stated", ["auto", "counts"])
def test_counts_are_sent_to_clrna_normalize(units, query, adapt, stated):
    counts = np.rint(np.exp2(np.asarray(query.X)) * 10).astype(np.float32)
    with pytest.raises(InputError, match=r"the values are counts.*clrna-normalize"):
        units(counts, stated=stated, adapt=adapt)


@pytest.mark.parametrize("told", ["column", "option"])
def test_counts_where_logarithms_are_stated_are_refused(units, query, told):
    counts = np.rint(np.exp2(np.asarray(query.X)) * 10).astype(np.float32)
    given = {"declared": "log2_tpm1"} if told == "column" else {"stated": "log2_tpm1"}
    with pytest.raises(InputError, match=r"the values are not log2_tpm1") as caught:
        units(counts, **given)
    assert ("obs['scale']" if told == "column" else "--input-scale") in str(caught.value)


def test_negative_values_where_there_can_be_none(units, query):
    with pytest.raises(InputError, match="the smallest is -"):
        units(np.asarray(query.X) - 5, declared="log2_tpm1")


def test_two_scales_in_one_study_are_refused(query):
    plan = plan_studies(query.obs[STUDY].astype(str).to_numpy(), "study", "none", 20)
    declared = np.array(["log2_tpm1", "zscore"] * 36, dtype=object)
    with pytest.raises(InputError, match=r"study SIM3: obs\['scale'\] names 2 scales \(log2_tpm1, zscore\)"):
        units_of_studies(InMemory(np.asarray(query.X)), plan, declared, "auto", ["log2_tpm1"], PATH)


def test_unknown_scales(units):
    with pytest.raises(InputError, match=r"query\.h5ad: study SIM3: obs\['scale'\]: scale 'furlongs'"):
        units(declared="furlongs")
    with pytest.raises(UsageError, match="scale 'furlongs'"):
        units(stated="furlongs")


def test_a_study_of_one_value_is_no_expression(units, query):
    with pytest.raises(InputError, match="not an expression matrix"):
        units(np.full(query.shape, 3.5, dtype=np.float32))


def test_a_model_that_says_no_scale_takes_all_but_counts(units, caplog):
    with caplog.at_level(logging.WARNING, logger="clrna"):
        assert units(declared="log2_fpkm1", model_scales=[])[0].target == "log2_fpkm1"
    assert "does not say in which scale" in caplog.text


def test_only_some_samples_are_read_to_find_out(query):
    values = np.tile(np.asarray(query.X), (100, 1))
    matrix = InMemory(values)
    plan = plan_studies(np.tile(query.obs[STUDY].astype(str).to_numpy(), 100), "study", "none", 20)
    units_of_studies(matrix, plan, None, "auto", ["log2_expression"], PATH)
    assert matrix.largest <= 600
    assert SCALE in query.obs
