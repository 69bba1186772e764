"""docs/anndata.md and clrna/constants.py name the same things."""

import re
from pathlib import Path

import pytest

from clrna import constants

PAGE = Path(__file__).resolve().parents[2] / "docs" / "anndata.md"
ROW = re.compile(r"^\| `([^`]+)` \|(.*)\|$", re.MULTILINE)
NOT_KEYS = {"UNLABELLED", "CONTRACT_VERSION"}
VALUE_LISTS = ("SAMPLE_CATEGORIES", "SPLITS", "SEEN_VALUES", "LINEAR_UNITS")


def rows() -> dict[str, str]:
    return {name: rest.strip() for name, rest in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def names_in_module() -> set[str]:
    keys = {
        value
        for name, value in vars(constants).items()
        if name.isupper() and isinstance(value, str) and name not in NOT_KEYS
    }
    keys = {f"{key}STUDY" if key == constants.MEASURED_IN else key for key in keys}
    return keys.union(constants.SCALES, *(getattr(constants, name) for name in VALUE_LISTS))


def test_every_constant_is_on_the_page():
    assert names_in_module() - set(rows()) == set()


def test_every_row_of_the_page_is_a_constant():
    assert set(rows()) - names_in_module() == set()


@pytest.mark.parametrize("scale", constants.SCALES)
def test_scales_are_described_in_the_same_words(scale):
    assert rows()[scale].split("|")[0].strip() == constants.SCALES[scale]


@pytest.mark.parametrize("scale", constants.SCALES)
def test_scales_that_cannot_be_negative(scale):
    least = rows()[scale].split("|")[1].strip()
    assert (least == "0") == (scale in constants.NON_NEGATIVE_SCALES)


def test_the_version_of_the_contract():
    assert f'now "{constants.CONTRACT_VERSION}"' in rows()[constants.UNS_CONTRACT]
