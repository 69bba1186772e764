"""The one way in which samples are chosen where there are too many to draw or to score."""

import numpy as np

from clrna.results.subsample import by_study_and_label, stratified_sample


def test_everything_is_taken_while_there_is_room():
    assert stratified_sample(np.array(["a", "b"]), 5).tolist() == [0, 1]


def test_a_subsample_keeps_small_groups_and_shares():
    strata = np.array(["big"] * 900 + ["small"] * 98 + ["tiny"] * 2)
    chosen = stratified_sample(strata, 100, seed=1)
    counts = {name: int((strata[chosen] == name).sum()) for name in ("big", "small", "tiny")}
    assert len(chosen) == 100
    assert counts["tiny"] == 1
    assert counts["small"] == 10
    assert np.array_equal(chosen, np.unique(chosen))
    assert np.array_equal(chosen, stratified_sample(strata, 100, seed=1))
    assert not np.array_equal(chosen, stratified_sample(strata, 100, seed=2))


def test_more_groups_than_room():
    assert len(stratified_sample(np.arange(50), 10)) == 10


def test_study_and_label_go_together():
    studies, labels = np.array(["A", "A", "B"], dtype=object), np.array(["", "x", "x"], dtype=object)
    assert by_study_and_label(studies, labels).tolist() == ["A\t", "A\tx", "B\tx"]
