"""The trained model as Python users have it: loaded, saved, and saying what it is."""

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

from clrna.api.parameters import check_path
from clrna.api.python_words import speaks_python
from clrna.errors import InputError
from clrna.io.output.scratch import scratch
from clrna.io.provenance import sha256_of
from clrna.model import model as trained
from clrna.model.model_file import load_model, save_model
from clrna.model.packaged_models import model_path, neither_file_nor_model
from clrna.quoted import listed

if TYPE_CHECKING:
    import pandas as pd

_NAMED = 6


class Model(trained.Model):
    """A trained model, from :func:`clrna.tl.train` or :meth:`load`.

    Attributes
    ----------
    classes : list of str
        Labels that it tells apart.
    genes : DataFrame
        Its genes in order: index symbols, columns ``ensembl_id`` and ``entrez_id``.
    training_studies : list of str
        Studies that it was trained on.
    n_genes : int
        Number of genes.
    latent_dim : int
        Number of features.
    settings
        How it was built and trained.
    history : DataFrame or None
        Cost and scores, a row an epoch, of a model that :func:`clrna.tl.train` has just made; no row where it was
        computed in closed form. Not part of the file.

    Examples
    --------
    >>> model = clrna.Model.load("model.safetensors")
    >>> model
    CLRNA 0.1.0 model 'default': 200 features of 300 genes, 3 classes of 'tissue'
        classes: Bowel, Breast, Lung
        trained on: SIM1, SIM2
    >>> model.save("copy.safetensors")
    """

    history: "pd.DataFrame | None" = None
    _file_name: str = ""
    _sha256: str = ""

    @classmethod
    @speaks_python
    def load(cls, path: str | os.PathLike[str], device: str = "auto", precision: str = "auto") -> Self:
        """Load a model.

        Parameters
        ----------
        path
            ``.safetensors`` file from :meth:`save`, ``clrna-train`` or ``clrna-fetch``, or the name of a model that
            comes along: ``pan-cancer-small``. Nothing is unpickled.
        device
            ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``. A model without layers computes by numpy on the CPU
            unless another one is named.
        precision
            ``auto``, ``fp32``, ``tf32`` or ``bf16``; ``auto`` is ``fp32``, so that codes are the same everywhere.

        Raises
        ------
        clrna.errors.InputError
            The file is missing, damaged, or no model.
        clrna.errors.DeviceError
            A device was named that is not there.

        Examples
        --------
        >>> clrna.Model.load("model.safetensors").classes
        ['Bowel', 'Breast', 'Lung']
        """
        file = _file_of(path)
        return cls._of(load_model(file, device, precision), file.name, sha256_of(file))

    @speaks_python
    def save(self, path: str | os.PathLike[str], *, half_precision: bool = False) -> None:
        """Write the model to a file, whole or not at all; the same model gives the same bytes.

        Parameters
        ----------
        path
            ``.safetensors`` file to write.
        half_precision
            Store what makes most of the file in 16 bits: half the size, and codes that differ in the third or fourth
            digit.

        Examples
        --------
        >>> model.save("model.safetensors")
        """
        file = Path(path)
        save_model(self, file, half_precision=half_precision)
        self._file_name, self._sha256 = file.name, sha256_of(file)

    @classmethod
    def _of(cls, model: trained.Model, file_name: str, sha256: str) -> Self:
        fields = {field.name: getattr(model, field.name) for field in dataclasses.fields(model)}
        made = cls(**fields)
        made._file_name, made._sha256 = file_name, sha256
        return made

    @classmethod
    def _as_saved(cls, model: trained.Model, device: str, precision: str) -> Self:
        """Return a model as it is once it was saved and loaded, so that it computes what its file will."""
        with scratch("model") as folder:
            file = folder / "model.safetensors"
            save_model(model, file)
            return cls._of(load_model(file, device, precision), "", sha256_of(file))

    # Two models are the same where they are one: arrays have no single truth.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        """Return what it is: preset, features, genes, classes, studies, version."""
        version = self.versions.get("clrna", "")
        head = f"CLRNA {version}".strip() + f" model {self.settings.preset_name!r}"
        classes = f"{len(self.classes)} classes of {self.label_key!r}" if self.classes else "no classes"
        lines = [f"{head}: {self.latent_dim} features of {self.n_genes} genes, {classes}"]
        for what, names in (("classes", self.classes), ("trained on", self.training_studies)):
            if names:
                lines.append(f"    {what}: {listed(names, _NAMED)}")
        return "\n".join(lines)


def _file_of(name_or_file: str | os.PathLike[str]) -> Path:
    """Return the file of a model that is given as :meth:`Model.load` takes it."""
    check_path("model", name_or_file)
    file = model_path(name_or_file)
    if not file.exists():
        raise InputError(f"{name_or_file}: {neither_file_nor_model()}")
    return file
