"""Small classes, the table of studies, what is confounded."""

import numpy as np

from clrna.normalize.classes import confounding, label_counts, without_small_classes


def test_small_classes_over_all_studies():
    labels = ["a"] * 5 + ["b"] * 3 + [""] * 2
    everyone = np.ones(10, dtype=bool)
    assert without_small_classes(labels, everyone, 4).tolist() == ["a"] * 5 + [""] * 5
    assert without_small_classes(labels, everyone, 1).tolist() == labels


def test_copies_do_not_make_a_class_larger():
    labels = ["a"] * 4
    counted = np.array([True, True, False, False])
    assert without_small_classes(labels, counted, 3).tolist() == [""] * 4
    assert without_small_classes(labels, counted, 2).tolist() == ["a"] * 4


def test_the_table_counts_unlabelled_samples():
    table = label_counts(["B", "A", "B"], ["x", "", "x"])
    assert table.index.tolist() == ["B", "A"]
    assert table.loc["B"].to_dict() == {"unlabelled": 0, "x": 2} and table.loc["A", "unlabelled"] == 1


def test_confounded_labels_and_studies_are_named():
    studies = ["A", "A", "B", "B", "C"]
    found = confounding(studies, ["x", "y", "x", "z", "w"], "tissue", linking=True)
    assert len(found) == 2
    assert found[0].startswith("3 of 4 values of tissue") and "w (C), y (A), z (B)" in found[0]
    assert found[1].startswith("study C shares no tissue")


def test_nothing_is_confounded():
    assert confounding(["A", "B"], ["x", "x"], "tissue", linking=True) == []
    assert confounding(["A", "A"], ["x", "y"], "tissue", linking=True) == []
    assert confounding(["A", "B"], ["", ""], "tissue", linking=True) == []
