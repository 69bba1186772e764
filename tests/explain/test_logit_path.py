"""What genes add sums to the difference of the classifier's logits."""

import itertools

import numpy as np
import pytest

from clrna.explain.integrated_gradients import MOST_STEPS, DenseLayers, integrated_gradients
from clrna.explain.logit_path import LogitPath, against_one, against_others


def logits_of(model, inputs):
    return model.logits(model.encode(inputs.astype(np.float32))).astype(np.float64)


def random_inputs(model, n=20, seed=0):
    return np.random.default_rng(seed).normal(scale=2, size=(n, model.n_genes))


def random_layers(widths, seed=0, *, ends_in_selu):
    generator = np.random.default_rng(seed)
    pairs = list(itertools.pairwise(widths))
    weights = [generator.normal(scale=2 / np.sqrt(before), size=(after, before)) for before, after in pairs]
    return DenseLayers(weights, [generator.normal(size=after) for _, after in pairs], ends_in_selu)


def test_contrasts_are_the_label_less_the_mean_of_the_others_or_less_one():
    assert against_others(np.array([1, 0]), 3).tolist() == [[-0.5, 1, -0.5], [1, -0.5, -0.5]]
    assert against_one(np.array([1, 0]), np.array([2, 1]), 3).tolist() == [[0, 1, -1], [1, -1, 0]]


def test_of_a_linear_model_the_sum_is_exact_and_each_gene_has_weight_times_value(linear):
    inputs, start = random_inputs(linear), random_inputs(linear, 1, seed=1)
    contrast = against_others(np.arange(20) % 3, 3)
    found = LogitPath(linear).contributions(start, inputs, contrast)
    assert np.allclose(found.of_genes.sum(axis=1), found.difference - found.baseline, rtol=1e-9, atol=1e-9)
    assert np.allclose(found.difference, (logits_of(linear, inputs) * contrast).sum(axis=1), rtol=1e-4, atol=1e-3)
    assert np.allclose(found.baseline, logits_of(linear, start) @ contrast.T, rtol=1e-4, atol=1e-3)
    arrays = {name: array.astype(float) for name, array in linear.network.to_arrays().items()}
    weight = arrays["linear_weight"] @ arrays["classifier.weight"].T
    assert np.allclose(found.of_genes[3, 7], (inputs[3, 7] - start[0, 7]) * (weight[7] @ contrast[3]))
    assert not found.off.any()


@pytest.mark.parametrize("name", ["deep", "original", "by_study"])
def test_of_a_model_with_layers_the_sum_is_the_difference_within_one_per_cent(name, request):
    model = request.getfixturevalue(name)
    inputs, start = random_inputs(model, 50), np.zeros((1, model.n_genes))
    contrast = against_one(np.arange(50) % 3, (np.arange(50) + 1) % 3, 3)
    found = LogitPath(model).contributions(start, inputs, contrast)
    difference = ((logits_of(model, inputs) - logits_of(model, start)) * contrast).sum(axis=1)
    assert np.allclose(found.difference - found.baseline, difference, rtol=1e-3, atol=1e-3)
    wanted = found.difference - found.baseline
    assert (np.abs(found.of_genes.sum(axis=1) - wanted) <= 0.01 * np.abs(wanted) + 2e-6).all()
    assert (found.off <= 1).all()


@pytest.mark.parametrize("ends_in_selu", [True, False])
def test_integrated_gradients_are_those_of_torch(ends_in_selu):
    import torch

    layers = random_layers([7, 5, 4, 3], ends_in_selu=ends_in_selu)
    generator = np.random.default_rng(2)
    inputs, start, direction = (
        generator.normal(size=(6, 7)),
        generator.normal(size=(1, 7)),
        generator.normal(size=(6, 3)),
    )
    slope, off = integrated_gradients(layers, start, inputs, direction)
    assert (off <= 1).all()
    total = torch.zeros(6, 7, dtype=torch.float64)
    for part in (np.arange(2000) + 0.5) / 2000:
        point = torch.tensor(start + part * (inputs - start), requires_grad=True)
        hidden = point
        for number, (weight, bias) in enumerate(zip(layers.weights, layers.biases, strict=True)):
            hidden = hidden @ torch.tensor(weight).T + torch.tensor(bias)
            if number < 2 or ends_in_selu:
                hidden = torch.selu(hidden)
        (hidden * torch.tensor(direction)).sum().backward()
        total += point.grad / 2000
    assert np.allclose(slope, total.numpy(), atol=0.02 * np.abs(total.numpy()).max())


def test_one_per_cent_is_of_the_whole_where_the_linear_path_takes_most_of_it_away():
    layers = random_layers([30, 20, 4], ends_in_selu=False)
    generator = np.random.default_rng(4)
    inputs, direction = 3 * generator.normal(size=(40, 30)), generator.normal(size=(40, 4))
    start = np.zeros((1, 30))
    wanted = ((layers.rest(layers.first(inputs)) - layers.rest(layers.first(start))) * direction).sum(axis=1)
    errors = []
    for whole in (None, wanted / 5):
        slope, off = integrated_gradients(layers, start, inputs, direction, whole)
        assert (off <= 1).all()
        errors.append(np.abs((slope * inputs).sum(axis=1) - wanted))
    assert (errors[0] <= 0.01 * np.abs(wanted) + 1e-6).all()
    assert (errors[0] > 0.002 * np.abs(wanted) + 1e-6).any()
    assert (errors[1] <= 0.002 * np.abs(wanted) + 1e-6).all()


def test_more_steps_are_taken_where_the_way_is_bent():
    # One unit with a bend near the end of the way: 16 midpoints miss it by more than 1 %.
    layers = DenseLayers([np.array([[1.0]]), np.array([[1.0]])], [np.array([-0.99]), np.array([0.0])], False)
    start, inputs, direction = np.array([[-3.0]]), np.array([[1.03]]), np.array([[1.0]])
    few = np.mean(layers.slopes(-3.99 + 4.03 * (np.arange(16)[:, None] + 0.5) / 16, np.ones((16, 1))))
    wanted = (layers.rest(np.array([[0.04]])) - layers.rest(np.array([[-3.99]]))).item()
    slope, off = integrated_gradients(layers, start, inputs, direction)
    assert abs(slope.item() * 4.03 - wanted) <= 0.01 * wanted + 1e-6
    assert abs(slope.item() * 4.03 - wanted) < abs(few * 4.03 - wanted)
    assert off.item() <= 1


def test_where_no_number_of_steps_suffices_it_is_said(deep, caplog, monkeypatch):
    monkeypatch.setattr("clrna.explain.integrated_gradients.TOLERANCE", 0.0)
    monkeypatch.setattr("clrna.explain.integrated_gradients._FLOOR", 1e-300)
    monkeypatch.setattr("clrna.explain.integrated_gradients.MOST_STEPS", 32)
    path = LogitPath(deep)
    path.contributions(np.zeros((1, deep.n_genes)), random_inputs(deep, 2), against_others(np.array([0, 1]), 3))
    with caplog.at_level("WARNING", logger="clrna"):
        path.warn_of_errors()
    assert "of 2 sums 2 are more than 1 % off the difference of the logits" in caplog.text
    assert MOST_STEPS >= 1024
