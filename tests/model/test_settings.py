import subprocess
import sys

import pytest

from clrna.errors import InputError, UsageError
from clrna.model.settings import PRESETS, ModelSettings


@pytest.mark.parametrize(
    ("name", "hidden", "latent"),
    [
        ("original-943", (5000, 3000, 2000), 943),
        ("original-40", (5000, 1000, 200), 40),
        ("original-20", (2500, 500, 100), 20),
    ],
)
def test_published_presets(name: str, hidden: tuple[int, ...], latent: int) -> None:
    settings = ModelSettings.preset(name)
    assert (settings.hidden, settings.latent_dim) == (hidden, latent)
    assert settings.shares == {"center": 0.25, "reconstruction": 0.25, "classification": 0.5, "contrast": 0}
    assert (settings.latent_activation, settings.output_activation) == ("selu", "relu")
    assert (settings.epochs, settings.batch_size, settings.learning_rate) == (20, 1000, 1e-4)
    assert (settings.validate_every, settings.patience, settings.center_rate) == (2, 0, 0.8)
    assert (settings.standardize, settings.class_weights, settings.linear_path) == ("none", "none", False)
    assert settings.dropout == settings.gene_dropout == settings.gene_shift == settings.weight_decay == 0


def test_default_trains_with_all_three_terms() -> None:
    shares = ModelSettings.preset("default").shares
    assert all(shares[term] > 0 for term in ("center", "reconstruction", "classification"))
    assert sum(shares.values()) == pytest.approx(1)


def test_the_default_is_a_closed_form_and_has_layers_once_it_is_trained() -> None:
    default = ModelSettings.preset("default")
    assert (default.standardize, default.epochs, default.linear_path) == ("sample", 0, True)
    assert default.places_samples and not default.has_layers
    assert default.override(epochs=1).has_layers
    assert default.override(linear_path=False).has_layers
    for standardize in ("none", "genes", "study"):
        other = default.override(standardize=standardize)
        assert other.has_layers and not other.places_samples


def test_dictionary_and_back() -> None:
    for settings in PRESETS.values():
        assert ModelSettings.from_dict(settings.to_dict()) == settings


@pytest.mark.parametrize("change", [{"extra": 1}, {"epochs": None}])
def test_other_fields_are_refused(change: dict[str, int | None]) -> None:
    fields = ModelSettings.preset("default").to_dict() | change
    fields = {name: value for name, value in fields.items() if value is not None}
    with pytest.raises(InputError, match=r"extra|epochs"):
        ModelSettings.from_dict(fields)


def test_override_takes_what_is_given() -> None:
    settings = ModelSettings.preset("original-20").override(latent_dim=7, hidden=[9, 8], epochs=None)
    assert (settings.latent_dim, settings.hidden, settings.epochs) == (7, (9, 8), 20)


def test_standardized_input_makes_the_output_linear() -> None:
    assert ModelSettings.preset("original-20").override(standardize="genes").output_activation == "none"
    assert ModelSettings.preset("original-20").override(standardize="none").output_activation == "relu"


def test_senseless_values_are_refused() -> None:
    zero = dict.fromkeys([f"{term}_weight" for term in ("center", "reconstruction", "classification", "contrast")], 0.0)
    with pytest.raises(UsageError, match="all cost terms are 0"):
        ModelSettings.preset("default").override(**zero)
    with pytest.raises(UsageError, match="--gene-dropout 1"):
        ModelSettings.preset("default").override(gene_dropout=1.0)
    with pytest.raises(UsageError, match="no such preset"):
        ModelSettings.preset("original-41")


def test_settings_need_no_torch() -> None:
    code = "import sys, clrna.model.settings; sys.exit(any(name in sys.modules for name in ('torch', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
