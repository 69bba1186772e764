"""Normal tissue that a model has not learned is warned of, where both tell the category of their samples."""

import logging
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import clrna
from clrna.encode.normal_tissue import warn_of_normals
from clrna.model.reference_samples import ReferenceSamples

MINE = Path("mine.h5ad")


def model_with(categories: list[str] | None) -> SimpleNamespace:
    """A model of two labels that holds three samples, one without a label."""
    text = np.array(["a", "b", "c"], dtype=object)
    references = ReferenceSamples(text, text, text, None if categories is None else np.array(categories, dtype=object))
    transfer = SimpleNamespace(labels=np.array([0, 1, -1]), references=references)
    return SimpleNamespace(transfer=transfer, classes=["Bowel", "Liver"])


def obs_of(*categories: str) -> pd.DataFrame:
    return pd.DataFrame({"sample_category": categories}, index=[f"s{number}" for number in range(len(categories))])


@pytest.mark.parametrize(
    ("categories", "said"),
    [
        (["normal", "tumor", "normal"], "normal tissue of 1 of its 2 labels (Bowel): other"),
        (["tumor", "", "normal"], "normal tissue of 0 of its 2 labels: other"),
        (["normal", "normal", "tumor"], ""),
        (None, ""),
    ],
)
def test_how_many_labels_are_known_of_normal_tissue_is_said_once(categories, said, caplog):
    caplog.set_level(logging.WARNING, "clrna")
    model = model_with(categories)
    warn_of_normals(obs_of("tumor", "normal", "normal"), model, MINE)
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * bool(said)
    assert said in caplog.text
    if said:
        assert caplog.messages[0].startswith("mine.h5ad: 2 samples are normal tissue, and the model has learned ")


def test_nothing_is_said_of_tumors_or_of_what_is_not_known(caplog):
    caplog.set_level(logging.WARNING, "clrna")
    model = model_with(["normal", "tumor", "tumor"])
    warn_of_normals(obs_of("tumor", ""), model, MINE)
    warn_of_normals(obs_of("normal").drop(columns="sample_category"), model, MINE)
    warn_of_normals(obs_of("normal"), SimpleNamespace(transfer=None, classes=["Bowel"]), MINE)
    assert not caplog.records


def test_the_model_that_comes_along_tells_of_which_labels_it_has_learned_normal_tissue(query, caplog):
    caplog.set_level(logging.WARNING, "clrna")
    normal = query.copy()
    normal.obs["sample_category"] = "normal"
    clrna.tl.encode(normal, "pan-cancer-small", min_coverage=0)
    assert "learned normal tissue of 2 of its 16 labels (Bowel, Ovary/Fallopian Tube): other" in caplog.text
