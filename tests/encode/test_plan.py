"""Which studies are standardized by their own statistics, and what is said of it."""

import logging

import numpy as np
import pytest

from clrna.encode.plan import (
    ADAPTATIONS,
    ALONE,
    AS_IT_IS,
    BY_CLASSES,
    BY_MEAN,
    OWN_STATISTICS,
    TRAINING_STATISTICS,
    plan_studies,
)

STUDIES = np.array(["B", "A", "A", "B", "", "A", ""], dtype=object)


def test_studies_with_enough_samples_are_adapted():
    plan = plan_studies(STUDIES, "study", "study", 3)
    assert plan.names == ("", "A", "B")
    assert plan.of_sample.tolist() == [2, 1, 1, 2, 0, 1, 0]
    assert plan.counts.tolist() == [2, 3, 2]
    assert plan.standardized_by == (TRAINING_STATISTICS, OWN_STATISTICS, TRAINING_STATISTICS)
    assert plan.adapted.tolist() == [False, True, False]
    assert "fewer than --adapt-min-samples 3" in plan.reasons[2]


def test_samples_without_a_study_are_never_taken_as_one():
    plan = plan_studies(np.full(50, "", dtype=object), "study", "study", 2)
    assert plan.standardized_by == (TRAINING_STATISTICS,)
    assert "not known which samples" in plan.reasons[0]


@pytest.mark.parametrize(
    ("standardize", "adapt", "how", "why"),
    [
        ("study", "none", TRAINING_STATISTICS, "--adapt none"),
        ("genes", "study", TRAINING_STATISTICS, "--adapt has no effect"),
        ("none", "study", AS_IT_IS, "as it is"),
        ("none", "none", AS_IT_IS, "as it is"),
    ],
)
def test_otherwise_none_is(standardize, adapt, how, why):
    plan = plan_studies(STUDIES, standardize, adapt, 2)
    assert set(plan.standardized_by) == {how}
    assert all(why in reason for reason in plan.reasons)


def test_every_study_is_logged_with_the_reason(caplog):
    with caplog.at_level(logging.INFO, logger="clrna"):
        plan_studies(STUDIES, "study", "study", 3).log()
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "samples without a study (2 samples)",
        "study A (3 samples)",
        "study B (2 samples)",
    ]
    assert "own statistics, because 3 samples are enough" in caplog.text


def test_one_sample():
    plan = plan_studies(np.array(["A"], dtype=object), "study", "study", 2)
    assert plan.standardized_by == (TRAINING_STATISTICS,)


@pytest.mark.parametrize("adapt", ["study", "auto"])
def test_of_a_model_standardized_by_study_auto_is_study(adapt):
    asked, auto = (plan_studies(STUDIES, "study", how, 3) for how in (adapt, "auto"))
    assert asked.standardized_by == auto.standardized_by == (TRAINING_STATISTICS, OWN_STATISTICS, TRAINING_STATISTICS)


@pytest.mark.parametrize(
    ("adapt", "expected", "why"),
    [
        ("auto", (ALONE, BY_CLASSES, BY_CLASSES), "--adapt auto"),
        ("none", (ALONE, ALONE, ALONE), "--adapt none"),
        ("study", (ALONE, BY_MEAN, BY_CLASSES), "2 samples are fewer than --adapt-min-samples 3"),
    ],
)
def test_studies_of_a_model_that_places_samples(adapt, expected, why):
    """Samples that name no study are placed alone; those of a small study as with auto."""
    plan = plan_studies(STUDIES, "sample", adapt, 3)
    assert plan.standardized_by == expected
    assert why in plan.reasons[2]
    assert not plan.adapted.any()
    assert set(plan.standardized_by) <= set(ADAPTATIONS)


def test_one_sample_is_placed_by_itself_in_every_way():
    for adapt in ("auto", "study"):
        assert plan_studies(np.array(["A"], dtype=object), "sample", adapt, 20).standardized_by == (BY_CLASSES,)
