"""A bounded choice of rows."""

import numpy as np
import pytest

from clrna.model.chosen_rows import ChosenRows


@pytest.mark.parametrize("size", [1, 7, 300])
def test_the_same_rows_are_chosen_however_they_are_cut_into_blocks(monkeypatch, size) -> None:
    monkeypatch.setattr("clrna.model.chosen_rows._MOST_SAMPLES", 40)
    rows = np.arange(300.0)[:, None]
    whole, parts = ChosenRows(1), ChosenRows(1)
    whole.update(rows)
    for start in range(0, 300, size):
        parts.update(rows[start : start + size])
    assert len(whole.rows) == 40
    assert sorted(parts.rows[:, 0]) == sorted(whole.rows[:, 0])
    assert len(set(whole.rows[:, 0])) == 40
    assert whole.rows.min() < 60 and whole.rows.max() > 240


def test_all_are_kept_where_there_is_room() -> None:
    chosen = ChosenRows(2)
    assert chosen.rows.shape == (0, 2)
    chosen.update(np.arange(10.0).reshape(5, 2))
    assert sorted(chosen.rows[:, 0]) == [0, 2, 4, 6, 8]
