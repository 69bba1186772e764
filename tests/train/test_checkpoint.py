import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from clrna.errors import InputError
from clrna.io.output.stop_signals import held_signals
from clrna.model.model_file import load_model
from clrna.model.settings import ModelSettings
from clrna.train.checkpoint import (
    CheckpointFile,
    TrainingStopped,
    fingerprint_of,
    load_checkpoint,
    save_checkpoint,
    train_with_checkpoints,
)
from clrna.train.trainer import Trainer

NewTrainer = Callable[..., Trainer]
PRINT = {"seed": 0, "data": "abc"}


def result(trainer: Trainer) -> tuple:
    weights = [tensor.numpy().tobytes() for tensor in trainer.network.state_dict().values()]
    return weights, trainer.progress, trainer.center_loss.centers.numpy().tobytes()


@pytest.fixture
def whole(settings: ModelSettings, new_trainer: NewTrainer) -> tuple:
    """What a run that nothing stops comes to."""
    trainer = new_trainer(settings.override(dropout=0.2))
    trainer.run()
    return result(trainer)


@pytest.mark.parametrize("stop_after", [1, 3, 4, 6, 8, 15])
def test_a_run_goes_on_from_any_step_to_the_same_result(
    settings: ModelSettings, new_trainer: NewTrainer, whole: tuple, tmp_path: Path, stop_after: int
) -> None:
    settings = settings.override(dropout=0.2)
    path = tmp_path / "c.safetensors"
    steps = 0

    class Enough(Exception):
        pass

    def stop(running: Trainer) -> None:
        nonlocal steps
        steps += 1
        if steps == stop_after:
            save_checkpoint(running, path, PRINT)
            raise Enough

    with pytest.raises(Enough):
        new_trainer(settings).run(stop)
    # Another seed: everything that matters has to come from the file.
    trainer = new_trainer(settings)
    trainer.order_generator.manual_seed(77)
    trainer.noise_generator.manual_seed(78)
    with torch.no_grad():
        for parameter in trainer.network.parameters():
            parameter.fill_(7)
    load_checkpoint(trainer, path, PRINT)
    trainer.run()
    assert result(trainer) == whole


def test_a_finished_run_resumes_to_its_result(
    settings: ModelSettings, new_trainer: NewTrainer, whole: tuple, tmp_path: Path
) -> None:
    settings = settings.override(dropout=0.2)
    file = CheckpointFile(tmp_path / "c.safetensors", every=100, resume=True)
    train_with_checkpoints(new_trainer(settings), file, PRINT)
    again = new_trainer(settings)
    train_with_checkpoints(again, file, PRINT)
    assert result(again) == whole


def test_checkpoints_come_at_intervals_and_at_the_end(
    settings: ModelSettings, new_trainer: NewTrainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    epochs = []
    monkeypatch.setattr(
        "clrna.train.checkpoint.save_checkpoint", lambda trainer, *_: epochs.append(trainer.progress.epoch)
    )
    file = CheckpointFile(tmp_path / "c.safetensors", every=2, resume=False)
    train_with_checkpoints(new_trainer(settings.override(epochs=5)), file, PRINT)
    assert epochs == [2, 4, 5]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_the_state_and_is_then_delivered(
    settings: ModelSettings, new_trainer: NewTrainer, whole: tuple, tmp_path: Path, number: signal.Signals
) -> None:
    settings = settings.override(dropout=0.2)
    file = CheckpointFile(tmp_path / "c.safetensors", every=100, resume=True)
    trainer = new_trainer(settings)
    real_step = trainer._step
    delivered = []

    def step() -> None:
        if trainer.progress.epoch == 1 and trainer.progress.step == 2:
            os.kill(os.getpid(), number)
        real_step()

    trainer._step = step  # type: ignore[method-assign]
    before = signal.signal(number, lambda arrived, _frame: delivered.append(arrived))
    try:
        with pytest.raises(TrainingStopped):
            train_with_checkpoints(trainer, file, PRINT)
    finally:
        signal.signal(number, before)
    assert delivered == [number]
    assert (trainer.progress.epoch, trainer.progress.step) == (1, 3)
    again = new_trainer(settings)
    train_with_checkpoints(again, file, PRINT)
    assert result(again) == whole


def test_held_signals_put_the_handlers_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with held_signals() as held:
        assert signal.getsignal(signal.SIGTERM) != before
        assert not held.arrived
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_checkpoint_of_another_training_is_refused(
    settings: ModelSettings, new_trainer: NewTrainer, tmp_path: Path
) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(new_trainer(settings), path, PRINT)
    with pytest.raises(InputError, match=r"c\.safetensors: is of another training \(seed 0, here 1\); leave --resume"):
        load_checkpoint(new_trainer(settings), path, PRINT | {"seed": 1})


def test_damaged_checkpoints(settings: ModelSettings, new_trainer: NewTrainer, tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(new_trainer(settings), path, PRINT)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"damaged, truncated .*remove it and start over"):
        load_checkpoint(new_trainer(settings), path, PRINT)
    path.write_bytes(whole)
    with pytest.raises(InputError, match="is not a complete checkpoint"):
        load_checkpoint(new_trainer(settings.override(hidden=[9])), path, PRINT)


def test_fingerprint_sees_names_shapes_and_values() -> None:
    base = {"a": np.arange(6), "b": np.array(["x", "y"], dtype=object)}
    others = [
        {**base, "a": np.arange(6).reshape(2, 3)},
        {**base, "a": np.arange(1, 7)},
        {**base, "b": np.array(["x", "z"], dtype=object)},
        {"c": base["a"], "b": base["b"]},
    ]
    prints = {fingerprint_of(arrays) for arrays in (base, *others)}
    assert len(prints) == 5
    assert fingerprint_of(base) == fingerprint_of({**base})


def test_a_checkpoint_is_no_model(settings: ModelSettings, new_trainer: NewTrainer, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(new_trainer(settings), path, {})
    with pytest.raises(InputError, match="is a CLRNA checkpoint, a model is needed here"):
        load_model(path)
