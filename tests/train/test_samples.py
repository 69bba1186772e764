import numpy as np
import pytest

from clrna.cli.encode import get_parser
from clrna.errors import InputError, UsageError
from clrna.model.model import Model
from clrna.model.settings import STUDY_MIN_SAMPLES, ModelSettings
from clrna.train.card import model_card
from clrna.train.fit import Fit
from clrna.train.history import COLUMNS, history_table
from clrna.train.samples import TrainingSamples, check_trainable, classes_to_learn

DEFAULT = ModelSettings.preset("default")


def samples(**changes: list[str]) -> TrainingSamples:
    columns = {
        "labels": ["lung", "lung", "skin", "skin", "skin", "", "eye", "lung"],
        "studies": ["A", "A", "A", "B", "B", "B", "B", "C"],
        "donors": ["1", "2", "3", "1", "4", "5", "6", "7"],
        "scales": ["log2_tpm1"] * 8,
        "split": ["train", "train", "train", "train", "valid", "train", "train", "train"],
    }
    return TrainingSamples(**{name: np.array(column, dtype=object) for name, column in (columns | changes).items()})


def test_classes_come_from_the_train_split() -> None:
    classes, labels = classes_to_learn(samples(), 2, DEFAULT)
    assert classes == ["lung", "skin"]
    assert labels.tolist() == [0, 0, 1, 1, 1, -1, -1, 0]
    with pytest.raises(InputError, match=r"one label only \(lung\) with at least 3 samples"):
        classes_to_learn(samples(), 3, DEFAULT)


def test_excluded_studies_are_tested_on() -> None:
    chosen = samples().excluding(["A", "C"])
    assert chosen.split.tolist() == ["test"] * 3 + ["train", "valid", "train", "train", "test"]
    with pytest.raises(UsageError, match="--exclude-study D: no such study; there are A, B, C"):
        samples().excluding(["D"])


def test_values_below_zero_name_their_studies() -> None:
    values = np.tile([1.0, 2.0, 3.0], (8, 1))
    values[7] *= -1
    check_trainable(samples(), values, DEFAULT)
    with pytest.raises(InputError, match=r"studies C \(log2_tpm1\) have values below 0"):
        check_trainable(samples(), values, ModelSettings.preset("original-20"))
    check_trainable(samples().excluding(["C"]), values, ModelSettings.preset("original-20"))


def test_encoding_and_training_agree_on_how_many_samples_make_a_study() -> None:
    args = get_parser().parse_args(["in.h5ad", "-m", "m.safetensors", "-o", "out.h5ad"])
    assert args.adapt_min_samples == STUDY_MIN_SAMPLES


def test_history_is_a_table_with_empty_cells_where_nothing_was_measured() -> None:
    row = dict.fromkeys(COLUMNS) | {"epoch": 1, "train_cost": 0.125, "best": True}
    lines = history_table([row]).splitlines()
    assert lines[0].split("\t") == list(COLUMNS)
    assert lines[1].split("\t")[:3] == ["1", "0.125", ""]
    assert lines[1].endswith("\t1")
    assert history_table([]) == "\t".join(COLUMNS) + "\n"


def test_card_counts_samples_and_escapes_names(model: Model) -> None:
    model.training_studies = ["A", "B"]
    model.classes = ["lung", "skin"]
    model.metrics = {
        "groups": [
            {
                "name": "study <C>|x, left out",
                "n": 3,
                "accuracy": 0.5,
                "macro_f1": None,
                "mean_confidence": 0.25,
                "unlike_training": 0.0,
                "in_sample": False,
            }
        ]
    }
    text = model_card(Fit(model, [], None, samples().excluding(["C"])), "tissue.safetensors")
    assert text.startswith("# tissue.safetensors\n")
    assert "| lung | 2 | 0 | 2 |" in text
    assert "| skin | 1 | 2 | 3 |" in text
    assert "| eye * | 0 | 1 | 1 |" in text
    assert "| (unlabelled) | 0 | 1 | 1 |" in text
    assert "| all | 3 | 4 | 7 |" in text
    assert "Left out of training: C." in text
    assert r"| study &lt;C>\|x, left out | 3 | 0.500 | - | 0.250 | 0.000 | study left out |" in text
