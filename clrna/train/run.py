"""One training of ``clrna-train`` or ``clrna.tl.train``: the checks before it, the record of it, and the fit."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from clrna.io.contract import refuse_beyond_logarithms
from clrna.io.provenance import make_record
from clrna.model.settings import ModelSettings
from clrna.train.beside import begin_from
from clrna.train.checkpoint import CheckpointFile
from clrna.train.fit import Fit, fit_model
from clrna.train.start import Start, check_start
from clrna.train.stated_scales import check_stated_scales
from clrna.train.training_file import TrainingFile


def train_on(
    given: TrainingFile,
    settings: ModelSettings,
    files: Sequence[Path],
    asked: argparse.Namespace | Mapping[str, Any],
    *,
    label_columns: Sequence[str],
    exclude_studies: Sequence[str],
    min_class_size: int,
    seed: int,
    device: torch.device,
    precision: str,
    reserve_test: bool,
    keep_names: bool,
    checkpoint: CheckpointFile | None = None,
    start: Start | None = None,
) -> Fit:
    """Train a model on what was taken from a file or an AnnData.

    Parameters
    ----------
    given
        From :mod:`clrna.train.training_file`.
    settings
        What to train and how.
    files, asked
        What was read, and the options as they were given, for the record.
    label_columns
        What the labels were made of.
    exclude_studies, min_class_size, seed, device, precision, reserve_test, keep_names, checkpoint
        As for :func:`clrna.train.fit.fit_model`, which also has the errors.
    start
        Model whose samples stand beside those given, restored; none where training begins anew.

    Raises
    ------
    InputError, UsageError
        As of :func:`clrna.train.fit.fit_model`, :func:`clrna.train.start.check_start` and
        :func:`clrna.train.beside.begin_from`.
    """
    label_key = ",".join(label_columns)
    if start is not None:
        check_start(start, settings, label_key, keep_names)
    origin = Path(given.samples.origin)
    check_stated_scales(given.samples, given.values, settings, exclude_studies, given.measured)
    used = ~np.isin(given.samples.studies.astype(str), list(exclude_studies))
    refuse_beyond_logarithms(given.values, given.genes.index, origin, used)
    earlier = [{"step": record["step"], "inputs": record.get("inputs", [])} for record in given.records]
    facts: dict[str, Any] = {
        "settings": settings.to_dict(), "device": device.type, "precision": precision, "data": earlier
    }  # fmt: skip
    if start is not None:
        facts["start"] = start.record()
        given = begin_from(start, given, exclude_studies, seed)
    return fit_model(
        given.values, given.genes, given.samples, settings, label_key=label_key,
        exclude_studies=exclude_studies, min_class_size=min_class_size, seed=seed, device=device, precision=precision,
        checkpoint=checkpoint, record=make_record("train", asked, files, **facts), reserve_test=reserve_test,
        measured=given.measured, keep_names=keep_names, start=start, stored=given.stored,
    )  # fmt: skip
