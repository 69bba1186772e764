"""The split: shares, strata, donors, held-out studies, seeds."""

import numpy as np
import pandas as pd
import pytest

from clrna.errors import UsageError
from clrna.normalize.split import assign_split, parse_fractions


def cohort(seed: int = 0, n: int = 600) -> pd.DataFrame:
    """Three studies, five labels of unequal size and some unlabelled, 30 % of donors in two studies."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "donor": [f"D{number}" for number in range(n)],
            "label": rng.choice(["a", "b", "c", "d", "e", ""], n, p=[0.4, 0.25, 0.15, 0.1, 0.05, 0.05]),
            "study": rng.choice(["S1", "S2", "S3"], n, p=[0.6, 0.3, 0.1]),
        }
    )
    again = frame[rng.random(n) < 0.3].assign(study="S4")
    return pd.concat([frame, again], ignore_index=True)


def split_of(frame: pd.DataFrame, **options: object) -> np.ndarray:
    return assign_split(frame["label"].tolist(), frame["donor"].tolist(), frame["study"].tolist(), **options)


@pytest.mark.parametrize("seed", range(5))
def test_shares_of_every_label_and_study(seed):
    frame = cohort(seed)
    frame["split"] = split_of(frame, seed=seed)
    for columns, most in ((["label"], 1), (["study"], 4), (["label", "study"], 2)):
        table = pd.crosstab([frame[name] for name in columns], frame["split"])
        due = np.outer(table.sum(axis=1), [0.1, 0.8, 0.1])
        assert np.abs(table[["test", "train", "valid"]].to_numpy() - due).max() <= most
    assert np.abs(frame["split"].value_counts(normalize=True)[["train", "valid"]] - [0.8, 0.1]).max() < 0.01


def test_a_donor_is_on_one_side():
    frame = cohort()
    frame["split"] = split_of(frame)
    assert frame.groupby("donor")["split"].nunique().max() == 1


def test_ten_samples_are_8_1_1():
    split = assign_split(["a"] * 10, [f"d{number}" for number in range(10)], ["S"] * 10)
    assert sorted(split) == ["test"] + ["train"] * 8 + ["valid"]


def test_the_order_of_samples_does_not_matter():
    frame = cohort()
    shuffled = frame.sample(frac=1.0, random_state=1)
    one = pd.Series(split_of(frame), index=frame.index)
    other = pd.Series(split_of(shuffled), index=shuffled.index)
    assert one.equals(other.sort_index())


def test_seeds_differ_and_repeat():
    frame = cohort()
    assert (split_of(frame, seed=1) == split_of(frame, seed=1)).all()
    assert (split_of(frame, seed=1) != split_of(frame, seed=2)).any()


def test_held_out_studies_take_their_donors_along():
    frame = cohort()
    frame["split"] = split_of(frame, held_out=["S4"])
    assert (frame.loc[frame["study"] == "S4", "split"] == "test").all()
    donors = set(frame.loc[frame["study"] == "S4", "donor"])
    assert (frame.loc[frame["donor"].isin(donors), "split"] == "test").all()
    rest = frame[~frame["donor"].isin(donors)]
    assert 0.78 < (rest["split"] == "train").mean() < 0.82


def test_everything_held_out_leaves_no_train():
    frame = cohort()
    assert set(split_of(frame, held_out=["S1", "S2", "S3", "S4"])) == {"test"}


def test_a_share_of_zero_gets_nothing():
    assert set(split_of(cohort(), fractions=(0.9, 0.0, 0.1))) == {"train", "test"}
    assert set(split_of(cohort(), fractions=(1.0, 0.0, 0.0))) == {"train"}


def test_one_sample_trains():
    assert assign_split(["a"], ["d"], ["S"]).tolist() == ["train"]


def test_one_donor_with_many_samples_stays_together():
    split = assign_split(["a"] * 50, ["d1"] * 30 + [f"x{number}" for number in range(20)], ["S"] * 50)
    assert len(set(split[:30])) == 1


@pytest.mark.parametrize(
    "words", [["0.8", "0.1"], ["0.8", "0.1", "0.2"], ["0", "0.5", "0.5"], ["a", "b", "c"], ["1.1", "-0.1", "0"], []]
)
def test_bad_fractions(words):
    with pytest.raises(UsageError, match="--split-fractions"):
        parse_fractions(words)


def test_good_fractions():
    assert parse_fractions(["0.7", "0.1", "0.2"]) == (0.7, 0.1, 0.2)
