import copy
from collections.abc import Callable

import pytest
import torch

from clrna.errors import InputError
from clrna.model.settings import ModelSettings
from clrna.train.batches import Disturbance, shuffled
from clrna.train.cost import balanced_weights
from clrna.train.trainer import Trainer
from tests.model.conftest import N_GENES

NewTrainer = Callable[..., Trainer]


def weights_of(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in trainer.network.state_dict().items()}


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


def test_same_seed_same_result(settings: ModelSettings, new_trainer: NewTrainer) -> None:
    runs = []
    for seed in (3, 3, 4):
        trainer = new_trainer(settings, seed=seed)
        trainer.run()
        runs.append((weights_of(trainer), trainer.progress.history))
    assert same(runs[0][0], runs[1][0])
    assert runs[0][1] == runs[1][1]
    assert not same(runs[0][0], runs[2][0])


def test_global_random_state_is_neither_read_nor_changed(settings: ModelSettings, new_trainer: NewTrainer) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = new_trainer(settings)
    first.run()
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(2)
    second = new_trainer(settings)
    second.run()
    assert same(weights_of(first), weights_of(second))


def test_training_lowers_every_term(new_trainer: NewTrainer) -> None:
    settings = ModelSettings.preset("original-20").override(
        hidden=[16], latent_dim=5, epochs=30, batch_size=25, learning_rate=3e-3, standardize="genes"
    )
    trainer = new_trainer(settings)
    trainer.run()
    first, last = trainer.progress.history[0], trainer.progress.history[-1]
    for term in ("cost", "center", "reconstruction", "classification"):
        assert last[f"train_{term}"] < first[f"train_{term}"], term
    assert trainer.progress.history[28]["valid_accuracy"] > 0.9


def test_one_step_is_the_published_cost_and_adam(new_trainer: NewTrainer) -> None:
    settings = ModelSettings.preset("original-20").override(hidden=[8], latent_dim=4, batch_size=50, epochs=1)
    trainer = new_trainer(settings)
    twin = copy.deepcopy(trainer.network)
    order = shuffled(50, 50, torch.Generator().manual_seed(0))[0]
    genes, labels = trainer.train.genes[order], trainer.train.labels[order]
    known = labels >= 0
    codes = twin.encode(genes)
    chosen = codes[known]
    center = ((chosen / chosen.norm(dim=0)) ** 2).sum(dim=1).mean()  # centers start at 0
    rebuilt = (twin.decode(codes) - genes).square().mean().sqrt()
    entropy = -twin.classify(chosen).log_softmax(dim=1)[torch.arange(len(chosen)), labels[known]].mean()
    cost = (center + rebuilt + 2 * entropy) / 4
    cost.backward()

    trainer.run()
    row = trainer.progress.history[0]
    assert row["train_cost"] == pytest.approx(cost.item(), rel=1e-6)
    assert row["train_center"] == pytest.approx(center.item(), rel=1e-6)
    for moved, start in zip(trainer.network.parameters(), twin.parameters(), strict=True):
        # Adam's first step is the learning rate along the sign of the gradient.
        big = start.grad.abs() > 1e-5
        step = (moved - start)[big]
        torch.testing.assert_close(step, -1e-4 * start.grad[big].sign(), rtol=2e-2, atol=1e-6)


def test_validated_in_the_first_epoch_and_every_second_from_there(
    settings: ModelSettings, new_trainer: NewTrainer
) -> None:
    trainer = new_trainer(settings.override(validate_every=2, epochs=5, patience=0))
    trainer.run()
    assert [row["valid_cost"] is not None for row in trainer.progress.history] == [True, False, True, False, True]


def test_the_best_validated_state_is_kept(settings: ModelSettings, new_trainer: NewTrainer) -> None:
    trainer = new_trainer(settings.override(learning_rate=1.0, epochs=10, patience=0))
    states = {}

    def note(running: Trainer) -> None:
        if running.progress.step == 0:
            states[running.progress.epoch] = weights_of(running)

    trainer.run(note)
    history = trainer.progress.history
    best = min(history, key=lambda row: row["valid_cost"])["epoch"]
    assert best != 10, "choose a learning rate at which the last epoch is not the best"
    assert trainer.progress.best_epoch == best
    assert same(weights_of(trainer), states[best])
    assert [row["epoch"] for row in history if row["best"]][-1] == best


def test_early_stopping_waits_for_patience_validations(settings: ModelSettings, new_trainer: NewTrainer) -> None:
    trainer = new_trainer(settings.override(learning_rate=0.5, epochs=50, patience=3))
    trainer.run()
    progress = trainer.progress
    assert progress.epoch < 50
    assert progress.epoch == progress.best_epoch + 3


def test_without_validation_samples_the_last_epoch_is_kept(settings: ModelSettings, new_trainer: NewTrainer) -> None:
    trainer = new_trainer(settings, n_valid=0)
    trainer.run()
    assert trainer.progress.epoch == settings.epochs
    assert trainer.best_state is None
    assert trainer.progress.history[-1]["valid_cost"] is None


def test_cost_that_is_not_finite_ends_with_the_learning_rate(settings: ModelSettings, new_trainer: NewTrainer) -> None:
    trainer = new_trainer(settings.override(learning_rate=1e30, epochs=5))
    with pytest.raises(InputError, match=r"cost became (nan|inf) in epoch \d.*--learning-rate \(it is 1e\+30\)"):
        trainer.run()


def test_unlabelled_samples_train_the_reconstruction_alone(new_trainer: NewTrainer) -> None:
    settings = ModelSettings.preset("original-20").override(hidden=[8], latent_dim=4, batch_size=50, epochs=1)
    trainer = new_trainer(settings)
    trainer.train.labels[:] = -1
    classifier = trainer.network.classifier.weight.clone()
    decoder = trainer.network.decoder[0].weight.clone()
    trainer.run()
    row = trainer.progress.history[0]
    assert row["train_center"] == row["train_classification"] == 0
    assert row["train_cost"] == pytest.approx(row["train_reconstruction"] / 4)
    assert torch.equal(trainer.network.classifier.weight, classifier)
    assert not torch.equal(trainer.network.decoder[0].weight, decoder)
    assert not trainer.center_loss.centers.any()


def test_batches_are_full_and_hold_every_sample() -> None:
    order = shuffled(10, 4, torch.Generator().manual_seed(0))
    assert order.shape == (3, 4)
    assert sorted(order.flatten()[:10].tolist()) == list(range(10))
    assert torch.equal(order.flatten()[10:], order.flatten()[:2])
    assert shuffled(3, 8, torch.Generator().manual_seed(0)).shape == (1, 8)


def test_disturbance() -> None:
    genes = torch.zeros(400, N_GENES)
    mean, deviation = torch.full((N_GENES,), 5.0), torch.full((N_GENES,), 2.0)
    generator = torch.Generator().manual_seed(0)
    shifted = Disturbance(0.0, 0.5, mean, deviation).apply(genes, generator)
    assert (shifted == shifted[0]).all(), "samples of a batch have one shift in common"
    assert shifted[0].std().item() == pytest.approx(1.0, rel=0.4)
    dropped = Disturbance(0.25, 0.0, mean, deviation).apply(genes, generator)
    assert set(dropped.unique().tolist()) == {0.0, 5.0}
    assert (dropped == 5).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert not genes.any(), "the input was changed in place"


def test_balanced_weights() -> None:
    labels = torch.tensor([0, 0, 0, 1, -1, -1])
    torch.testing.assert_close(balanced_weights(labels, 2), torch.tensor([4 / 6, 4 / 2]))
