"""The model that a training goes on from."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.errors import InputError, UsageError
from clrna.io.provenance import sha256_of
from clrna.model.model import Model
from clrna.model.model_file import load_model
from clrna.model.settings import ModelSettings
from clrna.quoted import in_quotes


@dataclasses.dataclass(frozen=True)
class Start:
    """The model that a training starts from.

    Attributes
    ----------
    model
        As it was loaded.
    name, sha256
        Of its file.
    """

    model: Model
    name: str
    sha256: str

    def record(self) -> dict[str, Any]:
        """Return what the record of a training says of it, as JSON can hold it."""
        model = self.model
        return {"name": self.name, "sha256": self.sha256, "studies": model.training_studies, "made": model.provenance}

    def added_to(self, model: Model) -> Model:
        """Return a model made from it that knows what both were trained on."""
        old = self.model
        return dataclasses.replace(
            model,
            scales=sorted({*old.scales, *model.scales} - {UNLABELLED}),
            training_studies=sorted({*old.training_studies, *model.training_studies}),
            training_donors=old.training_donors | model.training_donors,
        )

    def share_measured(self) -> NDArray[np.float64]:
        """Return the share of its studies that measured each gene, shape (genes,)."""
        transfer = self.model.transfer
        if transfer is None or transfer.levels is None:
            raise ValueError("the model keeps no levels of its studies")
        return transfer.space.share_measured(transfer.levels.within, len(transfer.classes.offsets))


def read_start(path: Path) -> Start:
    """Return the model of a file; errors are those of :func:`clrna.model.model_file.load_model`."""
    return Start(load_model(path), path.name, sha256_of(path))


def check_start(start: Start, settings: ModelSettings, label_key: str, keep_names: bool) -> None:
    """Refuse what cannot go on from a model, before the samples are looked at.

    Raises
    ------
    InputError
        The model has layers, lacks what its samples are restored from, or labels by another column.
    UsageError
        The settings ask for a network, or names are to be kept that the model does not have.
    """
    model, name = start.model, start.name
    if settings.has_layers:
        raise UsageError(
            f"--start: goes on in closed form, not with the network of --preset {settings.preset_name}, --epochs "
            f"{settings.epochs} and --standardize {settings.standardize}; leave these out"
        )
    if model.settings.has_layers:
        raise InputError(
            f"--start {name}: is a network of the preset {model.settings.preset_name}, which cannot be trained on "
            "without its data; start from a model of the default preset without --epochs"
        )
    transfer = model.transfer
    if transfer is None or transfer.references is None or transfer.levels is None or not len(transfer.codes):
        raise InputError(
            f"--start {name}: does not keep what stands for its samples; train it anew with this version of CLRNA"
        )
    if transfer.classes.uncertainty is None:
        raise InputError(f"--start {name}: knows too little of its studies; train it anew with this version of CLRNA")
    if model.classes and model.label_key != label_key:
        raise InputError(
            f"--start {name}: labels samples by {in_quotes(model.label_key)}, not by {in_quotes(label_key)}; give the "
            "column of the input that name"
        )
    if keep_names and not transfer.references.is_named:
        raise UsageError(f"--keep-names: {name} does not hold the names of its samples; train it with --keep-names")
