import io
import os
from collections.abc import Sequence
from typing import Any

import pandas as pd
from anndata import AnnData

from clrna.api.model import Model
from clrna.api.parameters import ADATA, check_adata, check_number, names_of, recorded
from clrna.api.python_words import speaks_python
from clrna.api.settings import settings_of
from clrna.constants import DONOR, SPLIT, STUDY, TISSUE
from clrna.model.settings import MIN_CLASS_SIZE


@speaks_python
def train(
    adata: AnnData,
    *,
    preset: str = "default",
    label_key: str | Sequence[str] = TISSUE,
    study_key: str = STUDY,
    donor_key: str = DONOR,
    split_key: str = SPLIT,
    layer: str | None = None,
    exclude_studies: str | Sequence[str] = (),
    reserve_test: bool = False,
    keep_names: bool = False,
    min_class_size: int = MIN_CLASS_SIZE,
    start: Model | str | os.PathLike[str] | None = None,
    random_state: int = 0,
    device: str = "auto",
    precision: str = "auto",
    **settings: Any,
) -> Model:
    """Learn features in which samples of one label lie close together, whichever study measured them.

    As ``clrna-train`` does. ``adata`` is not changed; :func:`encode` adds what the model says of its samples.

    Parameters
    ----------
    adata
        From :func:`clrna.pp.normalize`.
    preset
        ``'default'``, or a published network: ``'original-943'``, ``'original-40'``, ``'original-20'``.
    label_key
        Column of ``obs`` with the label, or several that are joined into it. Samples without one help too.
    study_key, donor_key, split_key
        Columns of ``obs``. The encoder is never told the study of a sample.
    layer
        To read in place of ``X``.
    exclude_studies
        Studies that nothing is learned from, to measure how the model transfers to them.
    reserve_test
        Keep the test split out of training.
    keep_names
        Keep the names, donors and sample categories of the samples whose codes the model holds.
    min_class_size
        Labels with fewer training samples are trained without their label.
    start
        Model of the default preset that samples are added to, its own being restored from what it keeps of them;
        also as the path of its file, or the name of one that comes along. The genes are then the model's.
    random_state
        Seed of all random numbers.
    device
        ``'auto'``, ``'cpu'``, ``'cuda'``, ``'cuda:N'`` or ``'mps'``.
    precision
        ``'auto'``, ``'fp32'``, ``'tf32'`` or ``'bf16'``; on a CPU ``'auto'`` is ``'bf16'`` where it has units for that
        and the first steps cost the same in it.
    **settings
        In place of the preset's: ``latent_dim``, ``hidden``, ``epochs``, ``standardize``, ``batch_size`` and whatever
        else ``clrna-train --print-config`` lists, with underscores.

    Returns
    -------
    The model, as it will be when it was saved and loaded.

    Raises
    ------
    clrna.errors.InputError
        ``adata`` lacks columns, or its samples cannot be trained on.
    clrna.errors.UsageError
        A parameter has a value that makes no sense, or a study to exclude is not there.

    Examples
    --------
    >>> model = clrna.tl.train(adata, exclude_studies=["SIM3"])
    >>> model.training_studies
    ['SIM1', 'SIM2']
    """
    from clrna.model.device import choose_device, choose_precision
    from clrna.train.history import history_table
    from clrna.train.run import train_on
    from clrna.train.start import Start
    from clrna.train.training_file import training_data_of

    check_adata(adata)
    check_number("min_class_size", min_class_size, 1, whole=True)
    check_number("random_state", random_state, 0, whole=True)
    chosen = settings_of(preset, settings)
    labels, excluded = names_of("label_key", label_key), names_of("exclude_studies", exclude_studies)
    where = choose_device(device)
    arithmetic = choose_precision(precision, where)
    given = training_data_of(
        adata, ADATA, label_columns=labels, study=study_key, donor=donor_key, split=split_key, layer=layer
    )
    begun = None
    if start is not None:
        old = start if isinstance(start, Model) else Model.load(start)
        begun = Start(old, old._file_name or "model", old._sha256)
    asked = recorded(
        preset=preset, label_key=labels, study_key=study_key, donor_key=donor_key, split_key=split_key, layer=layer,
        exclude_study=excluded, reserve_test=reserve_test, keep_names=keep_names, min_class_size=min_class_size,
        start=None if begun is None else begun.name, random_state=random_state, device=device, precision=precision,
        **settings,
    )  # fmt: skip
    fit = train_on(
        given, chosen, [], asked, label_columns=labels, exclude_studies=excluded, min_class_size=min_class_size,
        seed=random_state, device=where, precision=arithmetic, reserve_test=reserve_test, keep_names=keep_names,
        start=begun,
    )  # fmt: skip
    model = Model._as_saved(fit.model, device, "auto")
    model.history = pd.read_csv(io.StringIO(history_table(fit.history)), sep="\t")
    return model
