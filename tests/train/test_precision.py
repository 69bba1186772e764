"""Where nobody says in which arithmetic a CPU trains, its units and the first steps do."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from clrna.errors import InputError
from clrna.model.settings import ModelSettings
from clrna.model.tensor_file import read_tensor_file
from clrna.train import precision as precision_module
from clrna.train.checkpoint import FORMAT_VERSION, KIND, CheckpointFile, save_checkpoint, train_with_checkpoints
from clrna.train.cost import BatchCost, Cost
from clrna.train.precision import settle_precision
from clrna.train.trainer import Trainer
from tests.train.test_checkpoint import result

NewTrainer = Callable[..., Trainer]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.LogCaptureFixture]:
    monkeypatch.setattr(logging.getLogger("clrna"), "propagate", True)
    with caplog.at_level(logging.INFO, logger="clrna"):
        yield caplog


@pytest.fixture
def units(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Say whether the CPU has units for bfloat16."""
    return lambda there: monkeypatch.setattr(precision_module, "cpu_computes_in_bf16", lambda: there)


def trained(trainer: Trainer) -> tuple:
    settle_precision(trainer)
    trainer.run()
    return result(trainer)


def decisions(log: pytest.LogCaptureFixture) -> list[str]:
    return [message for message in log.messages if message.startswith("precision auto")]


def test_bf16_where_the_cpu_has_it_and_the_costs_are_equal(
    settings: ModelSettings,
    new_trainer: NewTrainer,
    units: Callable[[bool], None],
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    units(True)
    monkeypatch.setattr(precision_module, "_EQUAL", 0.1)
    settings = settings.override(dropout=0.2, gene_dropout=0.3)
    auto = new_trainer(settings, precision="auto")
    assert trained(auto) == trained(new_trainer(settings, precision="bf16")), "choosing has left a trace"
    assert auto.cost.precision == "bf16"
    (line,) = decisions(log)
    assert line.startswith("precision auto: bf16, because this CPU has units for bf16")
    assert line.endswith(": equal within 0.1")


def test_fp32_where_the_cpu_has_no_units(
    settings: ModelSettings, new_trainer: NewTrainer, units: Callable[[bool], None], log: pytest.LogCaptureFixture
) -> None:
    units(False)
    auto = new_trainer(settings, precision="auto")
    assert trained(auto) == trained(new_trainer(settings))
    assert decisions(log) == [
        "precision auto: fp32, because this CPU, or this PyTorch on it, does not compute in bfloat16"
    ]


@pytest.mark.parametrize(("factor", "expected"), [(1.0009, "bf16"), (1.0011, "fp32"), (float("nan"), "fp32")])
def test_fp32_where_the_costs_differ(
    settings: ModelSettings,
    new_trainer: NewTrainer,
    units: Callable[[bool], None],
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    factor: float,
    expected: str,
) -> None:
    units(True)
    real = Cost.of

    def of(self: Cost, *args: Any, **kwargs: Any) -> BatchCost:
        precision, self.precision = self.precision, "fp32"
        batch = real(self, *args, **kwargs)
        self.precision = precision
        return replace(batch, total=batch.total * factor) if precision == "bf16" else batch

    monkeypatch.setattr(Cost, "of", of)
    auto = new_trainer(settings, precision="auto")
    settle_precision(auto)
    assert auto.cost.precision == expected
    assert ("not equal within 0.001" in log.text) == (expected == "fp32")


def test_the_costs_are_those_of_the_first_steps(
    settings: ModelSettings, new_trainer: NewTrainer, units: Callable[[bool], None], log: pytest.LogCaptureFixture
) -> None:
    units(True)
    settings = settings.override(gene_dropout=0.3, dropout=0.2, batch_size=50, epochs=3)
    settle_precision(new_trainer(settings, precision="auto"))
    for precision in ("bf16", "fp32"):
        trainer = new_trainer(settings, precision=precision)
        trainer.run()  # an epoch is one step
        costs = ", ".join(f"{row['train_cost']:.6g}" for row in trainer.progress.history)
        assert costs in log.text


def test_what_a_step_has_learned_counts_too(
    settings: ModelSettings,
    new_trainer: NewTrainer,
    units: Callable[[bool], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The costs before the first step are the same here, those after it are not."""
    units(True)
    real = Trainer.learn

    def learn(self: Trainer, rows: torch.Tensor) -> dict[str, float]:
        before, self.cost.precision = self.cost.precision, "fp32"
        values = real(self, rows)
        self.cost.precision = before
        if before == "bf16":
            with torch.no_grad():
                self.network.classifier.weight.mul_(4)
        return values

    monkeypatch.setattr(Trainer, "learn", learn)
    auto = new_trainer(settings, precision="auto")
    settle_precision(auto)
    assert auto.cost.precision == "fp32"


def test_without_a_step_to_take_nothing_is_tried(
    settings: ModelSettings, new_trainer: NewTrainer, units: Callable[[bool], None], log: pytest.LogCaptureFixture
) -> None:
    units(True)
    trainer = new_trainer(settings.override(epochs=0), precision="auto")
    settle_precision(trainer)
    assert trainer.cost.precision == "fp32" and decisions(log) == []


@pytest.mark.parametrize("begun", ["bf16", "fp32"])
def test_a_training_goes_on_in_the_precision_that_it_began_with(
    settings: ModelSettings,
    new_trainer: NewTrainer,
    units: Callable[[bool], None],
    log: pytest.LogCaptureFixture,
    tmp_path: Path,
    begun: str,
) -> None:
    class Enough(Exception):
        pass

    def stop(running: Trainer) -> None:
        if (running.progress.epoch, running.progress.step) == (1, 2):
            save_checkpoint(running, tmp_path / "c.safetensors", {"data": "abc"})
            raise Enough

    with pytest.raises(Enough):
        new_trainer(settings, precision=begun).run(stop)
    units(begun == "fp32")  # the machine that goes on would choose the other
    again = new_trainer(settings, precision="auto")
    train_with_checkpoints(again, CheckpointFile(tmp_path / "c.safetensors", 100, resume=True), {"data": "abc"})
    assert decisions(log) == [f"precision auto: {begun}, in which the training began"]
    assert again.cost.precision == begun
    assert result(again) == trained(new_trainer(settings, precision=begun))


def test_a_checkpoint_says_what_was_chosen(
    settings: ModelSettings, new_trainer: NewTrainer, units: Callable[[bool], None], tmp_path: Path
) -> None:
    units(False)
    file = CheckpointFile(tmp_path / "c.safetensors", 100, resume=True)
    train_with_checkpoints(new_trainer(settings, precision="auto"), file, {"data": "abc"})
    _, description = read_tensor_file(file.path, KIND, FORMAT_VERSION)
    assert description["fingerprint"] == {"data": "abc", "precision": "fp32"}


def test_another_precision_that_is_named_is_refused(
    settings: ModelSettings, new_trainer: NewTrainer, tmp_path: Path
) -> None:
    file = CheckpointFile(tmp_path / "c.safetensors", 100, resume=True)
    train_with_checkpoints(new_trainer(settings, precision="bf16"), file, {})
    with pytest.raises(InputError, match=r"of another training \(precision bf16, here fp32\)"):
        train_with_checkpoints(new_trainer(settings, precision="fp32"), file, {})


def test_a_precision_that_there_is_not_is_refused(
    settings: ModelSettings, new_trainer: NewTrainer, tmp_path: Path
) -> None:
    file = CheckpointFile(tmp_path / "c.safetensors", 100, resume=True)
    odd = new_trainer(settings)
    odd.cost.precision = "fp8"
    save_checkpoint(odd, file.path, {})
    with pytest.raises(InputError, match=r"of another training \(precision fp8, here auto\)"):
        train_with_checkpoints(new_trainer(settings, precision="auto"), file, {})


def test_the_answer_is_the_same_each_time(settings: ModelSettings, new_trainer: NewTrainer) -> None:
    """On this machine, whatever it has."""
    answers = []
    for _ in range(2):
        trainer = new_trainer(settings, precision="auto")
        settle_precision(trainer)
        answers.append(trainer.cost.precision)
    assert answers[0] == answers[1] in ("bf16", "fp32")
    assert torch.get_float32_matmul_precision() == "highest"
