"""The samples that a model holds, as a reference."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.match.of_model import reference_in
from clrna.model.reference_samples import ReferenceSamples

PATH = Path("model.safetensors")


def text(*values: str) -> np.ndarray:
    return np.array(values, dtype=object)


def held(references: ReferenceSamples | None, label_key: str = "tissue") -> SimpleNamespace:
    transfer = SimpleNamespace(
        codes=np.eye(3, dtype=np.float16), labels=np.array([1, -1, 0], dtype=np.int32), references=references, pull=None
    )
    return SimpleNamespace(transfer=transfer, classes=["Bowel", "Lung"], label_key=label_key)


def test_names_donors_and_categories_where_they_were_kept() -> None:
    kept = ReferenceSamples(text("A", "A", "B"), text("x", "y", "z"), text("d", "", "d"), text("tumor", "", ""))
    samples = reference_in(held(kept), PATH, "tissue")
    assert samples.names.tolist() == ["x", "y", "z"] and samples.donors.tolist() == ["d", "", "d"]
    assert samples.labels.tolist() == ["Lung", "", "Bowel"] and samples.studies.tolist() == ["A", "A", "B"]
    assert samples.learned.all() and samples.codes.dtype == np.float32


def test_samples_without_names_are_numbered() -> None:
    samples = reference_in(held(ReferenceSamples(text("A", "A", "B"))), PATH, "tissue")
    assert samples.names.tolist() == ["#1", "#2", "#3"]
    assert set(samples.donors) == set(samples.categories) == {""}


def test_what_it_lacks_is_told_in_one_line() -> None:
    with pytest.raises(InputError, match=r"does not say which studies .*--keep-names"):
        reference_in(held(None), PATH, "tissue")
    with pytest.raises(InputError, match="by 'tumor_type', not by 'tissue'; write --label-key tumor_type"):
        reference_in(held(ReferenceSamples(text("A", "A", "B")), "tumor_type"), PATH, "tissue")
    with pytest.raises(InputError, match="holds no reference samples"):
        reference_in(SimpleNamespace(transfer=None), PATH, "tissue")
