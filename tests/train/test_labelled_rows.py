"""Batches that are streamed hold the same numbers as those of samples that lie on the device, and are copied once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from clrna.model.settings import ModelSettings
from clrna.train import labelled_rows
from clrna.train.checkpoint import load_checkpoint, save_checkpoint
from clrna.train.labelled_rows import LabelledRows
from clrna.train.trainer import Trainer
from tests.train.test_checkpoint import result

NewTrainer = Callable[..., Trainer]
CPU = torch.device("cpu")


def six_rows(streamed: bool | None) -> LabelledRows:
    genes = np.arange(12, dtype=np.float32).reshape(6, 2)
    return LabelledRows.from_arrays(genes, np.array([0, -1, 2, 3, 4, 5]), CPU, streamed=streamed)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The rows of each copy to the device."""
    sent = []
    real = labelled_rows._Stream._send

    def counted(self: labelled_rows._Stream, rows: torch.Tensor) -> torch.Tensor:
        sent.append(rows.tolist())
        return real(self, rows)

    monkeypatch.setattr(labelled_rows._Stream, "_send", counted)
    return sent


@pytest.mark.parametrize("streamed", [False, True, None])
def test_rows_are_taken_in_order(streamed: bool | None) -> None:
    rows = six_rows(streamed)
    assert len(rows) == 6
    taken, labels = rows.take(torch.tensor([2, 0, 2]))
    assert taken.tolist() == [[4, 5], [0, 1], [4, 5]]
    assert labels.tolist() == [2, 0, 2]


def test_what_comes_next_is_copied_before_it_is_taken_and_once(sent: list[list[int]]) -> None:
    rows = six_rows(True)
    first, second = torch.tensor([5, 1]), torch.tensor([0, 3])
    taken, _ = rows.take(first)
    rows.prefetch(second)
    assert sent == [[5, 1], [0, 3]]
    assert taken.tolist() == [[10, 11], [2, 3]], "the next batch was written over the one that is computed with"
    following, labels = rows.take(second)
    assert (following.tolist(), labels.tolist()) == ([[0, 1], [6, 7]], [0, 3])
    assert sent == [[5, 1], [0, 3]]


def test_others_than_those_that_were_prefetched_are_copied_when_they_are_taken(sent: list[list[int]]) -> None:
    rows = six_rows(True)
    rows.prefetch(torch.tensor([0, 1, 2]))
    assert rows.take(torch.tensor([4]))[0].tolist() == [[8, 9]]
    assert rows.take(torch.tensor([0, 1, 2]))[0].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert sent == [[0, 1, 2], [4], [0, 1, 2]]


def test_a_training_that_is_streamed_comes_to_the_same_bytes(
    settings: ModelSettings, new_trainer: NewTrainer, sent: list[list[int]]
) -> None:
    settings = settings.override(dropout=0.2, gene_dropout=0.3, gene_shift=0.5)
    resident, streamed = new_trainer(settings), new_trainer(settings, streamed=True)
    resident.run()
    assert sent == []
    streamed.run()
    assert result(streamed) == result(resident)
    steps = -(-50 // settings.batch_size) * streamed.progress.epoch
    validations = sum(row["valid_cost"] is not None for row in streamed.progress.history)
    assert len(sent) == steps + validations


def test_a_training_that_was_stopped_streams_on_to_the_same_result(
    settings: ModelSettings, new_trainer: NewTrainer, tmp_path: Path
) -> None:
    whole = new_trainer(settings)
    whole.run()

    class Enough(Exception):
        pass

    def stop(running: Trainer) -> None:
        if (running.progress.epoch, running.progress.step) == (1, 2):
            save_checkpoint(running, tmp_path / "c.safetensors", {})
            raise Enough

    with pytest.raises(Enough):
        new_trainer(settings, streamed=True).run(stop)
    again = new_trainer(settings, streamed=True)
    load_checkpoint(again, tmp_path / "c.safetensors", {})
    again.run()
    assert result(again) == result(whole)


def test_where_the_device_has_no_room_rows_are_streamed(monkeypatch: pytest.MonkeyPatch, sent: list[list[int]]) -> None:
    asked = []

    def no_room(device: torch.device, n_bytes: int) -> bool:
        asked.append((device, n_bytes))
        return False

    monkeypatch.setattr(labelled_rows, "fits_on", no_room)
    six_rows(None).take(torch.tensor([1]))
    assert asked == [(CPU, 6 * 2 * 4)]
    assert sent == [[1]]
