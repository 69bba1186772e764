"""What a model is and how it is trained: the presets, and one option's value in place of theirs.

Imports neither numpy nor torch, so ``clrna-train --print-config`` answers at once.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

from clrna.errors import InputError, UsageError

# Samples that a study needs for gene statistics of its own, in training and by default in encoding.
STUDY_MIN_SAMPLES = 20
# Many times the widest that is known of; with a million the closed form takes hours and all memory.
MOST_FEATURES = 10_000

# Training samples that a label needs, else it is trained without label.
MIN_CLASS_SIZE = 2

COST_TERMS = ("center", "reconstruction", "classification", "contrast")


@dataclasses.dataclass(frozen=True)
class ModelSettings:
    """Architecture, cost and optimisation of one model.

    Every field but ``preset_name`` (``--preset``), ``latent_activation`` and ``output_activation`` is also an option of
    ``clrna-train`` of that name, where it is described.

    Raises
    ------
    UsageError
        A value makes no sense, alone or beside the others.
    """

    preset_name: str
    hidden: tuple[int, ...]
    latent_dim: int
    latent_activation: Literal["selu", "none"]
    output_activation: Literal["relu", "none"]
    linear_path: bool
    standardize: Literal["none", "genes", "study", "sample"]
    center_weight: float
    reconstruction_weight: float
    classification_weight: float
    contrast_weight: float
    center_rate: float
    class_weights: Literal["balanced", "none"]
    dropout: float
    gene_dropout: float
    gene_shift: float
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    validate_every: int
    patience: int

    def __post_init__(self) -> None:
        if not any(self.weights.values()):
            raise UsageError(
                "the weights of all cost terms are 0; give one of "
                + ", ".join(f"--{term}-weight" for term in COST_TERMS)
            )
        if self.latent_dim > MOST_FEATURES:
            raise UsageError(f"--latent-dim {self.latent_dim}: at most {MOST_FEATURES:,} features are learned")
        for name in ("dropout", "gene_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"--{name.replace('_', '-')} {getattr(self, name):g}: nothing is left; stay below 1")

    @classmethod
    def preset(cls, name: str) -> "ModelSettings":
        """Return the settings of a preset by its name."""
        if name not in PRESETS:
            raise UsageError(f"--preset {name}: no such preset; there are {', '.join(PRESETS)}")
        return PRESETS[name]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ModelSettings":
        """Return the settings that :meth:`to_dict` wrote.

        Raises
        ------
        InputError
            A field is missing or unknown.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        if set(values) != names:
            odd = ", ".join(sorted(set(values) ^ names))
            raise InputError(f"settings of a model: fields are missing or unknown ({odd})")
        return cls(**{**values, "hidden": tuple(values["hidden"])})

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON can hold them."""
        return {**dataclasses.asdict(self), "hidden": list(self.hidden)}

    def to_options(self) -> dict[str, Any]:
        """Return the options of ``clrna-train`` that give these settings, in the order of the fields."""
        values = {
            field.name.replace("_", "-"): getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ("preset_name", *self.fixed)
        }
        return {
            "preset": self.preset_name,
            **values,
            "hidden": list(self.hidden),
            "linear-path": "on" if self.linear_path else "off",
        }

    @property
    def fixed(self) -> dict[str, str]:
        """What follows from the other settings and is no option."""
        return {"latent_activation": self.latent_activation, "output_activation": self.output_activation}

    def override(self, **values: Any) -> "ModelSettings":
        """Return settings in which every value that is not None takes the place of the preset's.

        Standardized expression lies on both sides of 0, so standardizing makes a ReLU output linear.
        """
        given = {name: value for name, value in values.items() if value is not None}
        if given.get("standardize", "none") != "none":
            given["output_activation"] = "none"
        if "hidden" in given:
            given["hidden"] = tuple(given["hidden"])
        return dataclasses.replace(self, **given)

    @property
    def places_samples(self) -> bool:
        """Whether each sample is standardized by itself and its study placed by its samples' classes."""
        return self.standardize == "sample"

    @property
    def has_layers(self) -> bool:
        """Whether there are layers to be trained beside the linear path; a closed form has none."""
        return not (self.places_samples and self.linear_path and self.epochs == 0)

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each term of the cost, as given."""
        return {term: float(getattr(self, f"{term}_weight")) for term in COST_TERMS}

    @property
    def shares(self) -> dict[str, float]:
        """Weight of each term of the cost, normalised to sum 1."""
        total = sum(self.weights.values())
        return {term: weight / total for term, weight in self.weights.items()}

    @property
    def needs_labels(self) -> bool:
        """Whether a term of the cost looks at the label."""
        return self.center_weight > 0 or self.classification_weight > 0


def _published(hidden: tuple[int, ...], latent_dim: int) -> ModelSettings:
    """Return the published network of the given widths (CLRNA, NCI-DOE Pilot 1).

    Its cost is center loss + RMSE + 2 x cross entropy, divided by 4; its input is log2 expression as it is.
    """
    return ModelSettings(
        preset_name=f"original-{latent_dim}",
        hidden=hidden,
        latent_dim=latent_dim,
        latent_activation="selu",
        output_activation="relu",
        linear_path=False,
        standardize="none",
        center_weight=1.0,
        reconstruction_weight=1.0,
        classification_weight=2.0,
        contrast_weight=0.0,
        center_rate=0.8,
        class_weights="none",
        dropout=0.0,
        gene_dropout=0.0,
        gene_shift=0.0,
        epochs=20,
        batch_size=1000,
        learning_rate=1e-4,
        weight_decay=0.0,
        validate_every=2,
        patience=0,
    )


# Training a network on top of the closed form made transfer no better wherever it was tried (benchmarks/transfer), so
# the default has none: no epochs. With epochs it has these layers and this cost.
_DEFAULT = ModelSettings(
    preset_name="default",
    hidden=(256,),
    latent_dim=200,
    latent_activation="none",
    output_activation="none",
    linear_path=True,
    standardize="sample",
    center_weight=0.1,
    reconstruction_weight=1.0,
    classification_weight=2.0,
    contrast_weight=0.5,
    center_rate=0.5,
    class_weights="balanced",
    dropout=0.1,
    gene_dropout=0.5,
    gene_shift=1.0,
    epochs=0,
    batch_size=128,
    learning_rate=1e-4,
    weight_decay=1e-4,
    validate_every=1,
    patience=10,
)

PRESETS: dict[str, ModelSettings] = {
    settings.preset_name: settings
    for settings in (
        _DEFAULT,
        _published((5000, 3000, 2000), 943),
        _published((5000, 1000, 200), 40),
        _published((2500, 500, 100), 20),
    )
}
