"""A preset with the settings that are given in their place."""

from typing import Any, Final

from clrna.api.parameters import check_choice, check_number
from clrna.errors import UsageError
from clrna.model.settings import PRESETS, ModelSettings

# What the parser of clrna-train takes, as a test sees to: the least of whole numbers, the largest of others, choices.
_WHOLE: Final = {"latent_dim": 1, "epochs": 0, "batch_size": 1, "validate_every": 1, "patience": 0}
_ANY: Final = float("inf")
_NUMBERS: Final = {
    "center_weight": _ANY, "reconstruction_weight": _ANY, "classification_weight": _ANY, "contrast_weight": _ANY,
    "center_rate": 1.0, "dropout": 1.0, "gene_dropout": 1.0, "gene_shift": _ANY, "learning_rate": _ANY,
    "weight_decay": _ANY,
}  # fmt: skip
_CHOICES: Final[dict[str, tuple[object, ...]]] = {
    "standardize": ("none", "genes", "study", "sample"),
    "class_weights": ("balanced", "none"),
    "linear_path": (True, False),
}
_MOST: Final = (1 << 32) - 1


def settings_of(preset: str, settings: dict[str, Any]) -> ModelSettings:
    """Return the settings of a preset, with those that are given in their place; None keeps the preset's.

    Raises
    ------
    UsageError
        There is no such preset or setting, or it cannot have that value.
    """
    check_choice("preset", preset, PRESETS)
    start = ModelSettings.preset(preset)
    known = {name.replace("-", "_") for name in start.to_options()} - {"preset"}
    for name, value in settings.items():
        if name not in known:
            raise UsageError(f"{name}: there is no such parameter or setting; settings are {', '.join(sorted(known))}")
        if value is not None:
            _check(name, value)
    return start.override(**settings)


def _check(name: str, value: Any) -> None:
    if name == "hidden":
        for width in value if isinstance(value, list | tuple) else [value]:
            check_number(name, width, 1, _MOST, whole=True)
    elif name in _WHOLE:
        check_number(name, value, _WHOLE[name], _MOST, whole=True)
    elif name in _NUMBERS:
        check_number(name, value, 0, _NUMBERS[name])
    else:
        check_choice(name, value, _CHOICES[name])
