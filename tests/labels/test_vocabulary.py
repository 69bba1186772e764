"""The label tables that the package carries obey their own rules."""

from collections import Counter

import pytest

from clrna.constants import MISSING_LABELS, SAMPLE_CATEGORIES
from clrna.labels import TISSUES, harmonize, harmonize_category, load_vocabulary
from clrna.labels.category import CATEGORIES
from clrna.labels.names import key_of
from clrna.labels.vocabulary import KINDS, ONCOTREE, VOCABULARY
from clrna.packaged import packaged_table


@pytest.fixture(scope="module")
def labels():
    return packaged_table(VOCABULARY)


@pytest.fixture(scope="module")
def oncotree():
    return packaged_table(ONCOTREE)


def test_no_name_occurs_twice_in_a_kind(labels):
    keys = [(row.kind, key_of(row.raw), row.tissue if row.kind == "histology" else "") for row in labels.itertuples()]
    assert [key for key, n in Counter(keys).items() if n > 1] == []
    assert all(key for _, key, _ in keys)


def test_every_cell_is_of_its_vocabulary(labels, oncotree):
    assert set(labels["kind"]) == set(KINDS)
    assert set(labels["tissue"]) - {""} <= set(TISSUES)
    assert set(oncotree["tissue"]) - {""} <= set(TISSUES)
    assert (labels["source"] != "").all()
    assert (labels.loc[labels["kind"] == "histology", ["tissue", "tumor_type"]] != "").all(axis=None)
    assert (labels.loc[labels["kind"] == "tissue", "tumor_type"] == "").all()
    assert not oncotree["code"].map(key_of).duplicated().any()
    assert not set(labels["raw"].str.lower()) & set(MISSING_LABELS)


def test_a_tumor_type_has_the_tissue_that_oncotree_gives_it(labels, oncotree):
    of_code = dict(zip(oncotree["code"], oncotree["tissue"], strict=True))
    differing = [
        (row.raw, row.tumor_type, row.tissue)
        for row in labels.itertuples()
        if row.tumor_type in of_code and of_code[row.tumor_type] != row.tissue
    ]
    assert differing == []


def test_names_that_are_no_oncotree_code_have_one_tissue(labels, oncotree):
    plain = labels[~labels["tumor_type"].isin({"", *oncotree["code"]})]
    assert (plain.groupby("tumor_type")["tissue"].nunique() == 1).all()
    assert not set(plain["tumor_type"].map(key_of)) & set(oncotree["code"].map(key_of))


def test_every_harmonized_pair_maps_to_itself(labels, oncotree):
    pairs = {(row.tissue, row.tumor_type) for row in labels.itertuples()}
    pairs |= {(row.tissue, row.code) for row in oncotree.itertuples()}
    pairs |= {(tissue, "") for tissue in TISSUES} | {("", "")}
    ordered = sorted(pairs)
    again = harmonize([tissue for tissue, _ in ordered], [tumor_type for _, tumor_type in ordered])
    found = zip(again.tissue, again.tumor_type, strict=True)
    changed = [(old, new) for old, new in zip(ordered, found, strict=True) if old != new]
    assert changed == []
    assert not again.report["status"].str.startswith("conflict").any()


def test_every_raw_name_is_found_as_its_row_says(labels):
    vocabulary = load_vocabulary()
    for row in labels[labels["kind"] != "histology"].itertuples():
        assert vocabulary.find(row.raw, row.kind) == (row.tissue, row.tumor_type), row.raw
    for row in labels[labels["kind"] == "histology"].itertuples():
        assert vocabulary.of_histology(row.raw, row.tissue) == row.tumor_type, row.raw


def test_every_oncotree_code_is_understood(oncotree):
    found = harmonize(None, oncotree["code"])
    assert list(found.tumor_type) == list(oncotree["code"])
    assert list(found.tissue) == list(oncotree["tissue"])


def test_category_table_has_no_name_twice_and_known_categories_only():
    table = packaged_table(CATEGORIES)
    assert [key for key, n in Counter(map(key_of, table["raw"])).items() if n > 1] == []
    assert set(table["sample_category"]) == set(SAMPLE_CATEGORIES)
    assert list(harmonize_category(table["raw"])) == list(table["sample_category"])
