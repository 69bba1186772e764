import numpy as np
import pytest
import scipy.stats
import torch

from clrna.model.network import Autoencoder, alpha_dropout, new_network
from clrna.model.settings import ModelSettings
from tests.model.conftest import STUDY_SETTINGS

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def new(settings: ModelSettings, n_genes: int = 12, n_classes: int = 3, seed: int = 0) -> Autoencoder:
    return new_network(settings, n_genes, n_classes, torch.Generator().manual_seed(seed))


def original(**values: object) -> ModelSettings:
    return ModelSettings.preset("original-20").override(hidden=[8, 6], latent_dim=4, **values)


def selu(x: np.ndarray) -> np.ndarray:
    return SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(x))


def test_published_forward_pass_is_that_of_the_formulas() -> None:
    network = new(original()).double()
    genes = np.random.default_rng(1).normal(size=(5, 12))
    state = {name: tensor.numpy() for name, tensor in network.state_dict().items()}

    def dense(x: np.ndarray, layer: str) -> np.ndarray:
        return x @ state[f"{layer}.weight"].T + state[f"{layer}.bias"]

    codes = genes
    for layer in range(3):
        codes = selu(dense(codes, f"encoder.{layer}"))
    rebuilt = selu(dense(selu(dense(codes, "decoder.0")), "decoder.1"))
    rebuilt = np.maximum(dense(rebuilt, "decoder.2"), 0)

    with torch.no_grad():
        given = network.encode(torch.tensor(genes))
        np.testing.assert_allclose(given.numpy(), codes, atol=1e-12)
        np.testing.assert_allclose(network.decode(given).numpy(), rebuilt, atol=1e-12)
        np.testing.assert_allclose(network.classify(given).numpy(), dense(codes, "classifier"), atol=1e-12)


def test_decoder_mirrors_the_encoder() -> None:
    network = new(original())
    shapes = [tuple(layer.weight.shape) for layer in network.encoder]
    assert shapes == [(8, 12), (6, 8), (4, 6)]
    assert [tuple(layer.weight.shape) for layer in network.decoder] == [shape[::-1] for shape in shapes[::-1]]


def test_initial_weights_are_a_cut_normal_of_variance_one_over_inputs() -> None:
    network = new(ModelSettings.preset("original-20").override(hidden=[400], latent_dim=300), n_genes=500)
    for layer in [*network.encoder, *network.decoder]:
        deviation = layer.in_features**-0.5
        weight = layer.weight.detach()
        assert weight.abs().max() <= 2 * deviation
        # A normal cut at two deviations keeps 0.8796 of its deviation.
        assert weight.std().item() == pytest.approx(0.8796 * deviation, rel=0.01)
        assert not layer.bias.any()
    limit = (6 / (300 + 3)) ** 0.5
    assert 0.95 * limit < network.classifier.weight.abs().max() <= limit
    assert not network.classifier.bias.any()


def test_initial_weights_have_the_distribution_of_scipy_s_cut_normal() -> None:
    network = new(original(), n_genes=30_000)
    weight = network.encoder[0].weight.detach().double().numpy().ravel() * 30_000**0.5
    assert len(weight) == 240_000
    assert scipy.stats.kstest(weight, scipy.stats.truncnorm(-2, 2).cdf).pvalue > 0.01
    # As normal draws that lie beyond are drawn again, which takes eight times as long.
    other = torch.empty(240_000)
    torch.nn.init.trunc_normal_(other, a=-2.0, b=2.0, generator=torch.Generator().manual_seed(1))
    assert scipy.stats.ks_2samp(weight, other.numpy()).pvalue > 0.01


def test_each_initial_weight_is_drawn_once() -> None:
    generator, counted = torch.Generator().manual_seed(3), torch.Generator().manual_seed(3)
    network = new_network(original(), 12, 3, generator)
    drawn = [*(layer.weight for layer in [*network.encoder, *network.decoder]), network.classifier.weight]
    for weight in drawn:
        torch.empty_like(weight).uniform_(generator=counted)
    assert torch.equal(generator.get_state(), counted.get_state())


def test_same_seed_same_weights() -> None:
    first, again, other = (new(original(), seed=seed).state_dict() for seed in (5, 5, 6))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["encoder.0.weight"], other["encoder.0.weight"])


@pytest.mark.parametrize(
    "settings", [STUDY_SETTINGS, ModelSettings.preset("default"), original()], ids=["study", "default", "original"]
)
def test_a_new_network_with_linear_path_is_the_linear_path(settings: ModelSettings) -> None:
    settings = settings.override(hidden=[8], latent_dim=4, linear_path=True)
    network = new(settings)
    network.linear_weight.normal_()
    network.linear_bias.normal_()
    genes = torch.randn(5, 12)
    with torch.no_grad():
        expected = genes @ network.linear_weight + network.linear_bias
        torch.testing.assert_close(network.encode(genes), expected)
    assert "linear_weight" not in dict(network.named_parameters()), "the linear path is trained"


def test_a_linear_path_that_moves_off_gets_gradients() -> None:
    network = new(STUDY_SETTINGS.override(hidden=[8], latent_dim=4))
    network.linear_weight.normal_()
    network.encode(torch.randn(5, 12)).square().sum().backward()
    assert network.encoder[-1].weight.grad.abs().sum() > 0


def test_without_classes_there_is_no_classifier() -> None:
    network = new(original(), n_classes=0)
    assert network.n_classes == 0
    assert network.classify(torch.zeros(3, 4)).shape == (3, 0)


def test_alpha_dropout_keeps_mean_and_variance_of_standard_activations() -> None:
    activations = torch.selu(torch.randn(2000, 100, generator=torch.Generator().manual_seed(1)))
    dropped = alpha_dropout(activations, 0.3, torch.Generator().manual_seed(2))
    assert dropped.mean().item() == pytest.approx(0, abs=0.01)
    assert dropped.std().item() == pytest.approx(1, abs=0.01)
    share = (dropped == dropped.min()).float().mean().item()
    assert share == pytest.approx(0.3, abs=0.01)


def test_dropout_follows_its_generator_and_is_off_without() -> None:
    network = new(original(dropout=0.5))
    genes = torch.randn(5, 12)
    with torch.no_grad():
        first, again, other = (network.encode(genes, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
        assert torch.equal(first, again)
        assert not torch.equal(first, other)
        assert torch.equal(network.encode(genes), network.encode(genes))
