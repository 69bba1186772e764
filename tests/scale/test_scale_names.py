"""The grammar of --input-scale."""

import math

import pytest

from clrna.constants import LINEAR_UNITS, SCALES
from clrna.errors import UsageError
from clrna.scale import Scale, parse_input_scale, parse_scale


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("counts", Scale("counts")),
        ("TPM", Scale("tpm")),
        ("rpkm", Scale("fpkm")),
        ("log2_tpm1", Scale("tpm", 2.0, 1.0)),
        ("ln_cpm0.5", Scale("cpm", math.e, 0.5)),
        ("log10_counts1", Scale("counts", 10.0, 1.0)),
        ("log2_tpm1e-3", Scale("tpm", 2.0, 0.001)),
        ("log2_tpm0", Scale("tpm", 2.0, 0.0)),
        ("log2_expression", Scale("expression", 2.0, None)),
        ("log2_intensity", Scale("intensity", 2.0, 0.0)),
        ("log2_intensity16", Scale("intensity", 2.0, 16.0)),
        ("rma", Scale("intensity", 2.0, 0.0)),
        ("ln_ratio", Scale("ratio", math.e, 0.0)),
        ("zscore", Scale("zscore")),
    ],
)
def test_names_are_read(text, scale):
    assert parse_scale(text) == scale


@pytest.mark.parametrize(
    "name", [*SCALES, *LINEAR_UNITS, "ln_cpm0.5", "log10_tpm0.001", "log2_counts1", "log2_expression0"]
)
def test_a_name_is_read_back_as_itself(name):
    assert parse_scale(name).name == name


@pytest.mark.parametrize("name", SCALES)
def test_scales_of_a_file_are_already_canonical(name):
    assert parse_scale(name).canonical() == name


@pytest.mark.parametrize("unit", LINEAR_UNITS)
@pytest.mark.parametrize("counts_to", ["tpm", "cpm", "tmm"])
def test_every_unit_becomes_a_scale_of_the_contract(unit, counts_to):
    assert Scale(unit).canonical(counts_to) in SCALES


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("log2_tpm", "pseudo-count"),
        ("tpm1", "log2_tpm1"),
        ("log3_tpm1", "not known"),
        ("", "not known"),
        ("log2", "not known"),
        ("zscore1", "not known"),
        ("counts; rm", "not known"),
    ],
)
def test_other_names_are_refused(text, words):
    with pytest.raises(UsageError, match=words):
        parse_scale(text)


def test_one_scale_for_all_or_one_a_study():
    assert parse_input_scale(["auto"], ["A", "B"]) == {}
    assert parse_input_scale(["tpm"], ["A", "B"]) == {"": Scale("tpm")}
    assert parse_input_scale(["A=tpm", "B=auto"], ["A", "B"]) == {"A": Scale("tpm")}


@pytest.mark.parametrize("words", [["C=tpm"], ["tpm", "counts"], ["A=tpm", "A=counts"], ["tpm", "A=counts"]])
def test_contradicting_scales_are_refused(words):
    with pytest.raises(UsageError, match="--input-scale"):
        parse_input_scale(words, ["A", "B"])
