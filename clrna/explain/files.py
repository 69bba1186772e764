"""Explain a model, and the samples of an ``.h5ad`` in blocks: memory does not grow with the number of samples."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.encode.encoder import Encoder
from clrna.encode.opening import OpenInput, open_input
from clrna.encode.results import check_own_uns
from clrna.errors import InputError
from clrna.explain.class_inputs import class_inputs_of_model
from clrna.explain.labels import label_rows
from clrna.explain.logit_path import LogitPath
from clrna.explain.options import ExplainOptions, check_has_labels, number_of, rival_of
from clrna.explain.samples import SampleRows
from clrna.io.hdf5.h5ad import check_is_h5ad, named
from clrna.io.hdf5.opened import opened
from clrna.io.output.scratch import scratch
from clrna.model.model import Model
from clrna.plural import plural

logger = logging.getLogger("clrna")


def check_explained(model: Model, name: object, options: ExplainOptions) -> None:
    """Raise InputError or UsageError where a model has not what is to be explained; messages call it ``name``."""
    check_has_labels(model, name)
    number_of(options.label, model)
    rival_of(options, model)


def explain_model(model: Model, name: object, options: ExplainOptions) -> pd.DataFrame:
    """Return the genes for and against each label of a model, a table as :mod:`clrna.results.gene_table` has it.

    Parameters
    ----------
    model, name
        The trained model, and what messages call it.
    options
        What to explain.

    Raises
    ------
    InputError
        The model knows no two labels, or keeps no means of them.
    UsageError
        It has not the label that is asked for.
    """
    check_explained(model, name, options)
    label, rival = number_of(options.label, model), rival_of(options, model)
    means = class_inputs_of_model(model)
    if means is None:
        raise InputError(f"{name}: keeps no mean expression of its labels; give samples, whose means are taken instead")
    path = LogitPath(model)
    table = label_rows(model, path, means, label, options.n_genes, rival)
    path.warn_of_errors()
    return table


@contextlib.contextmanager
def explaining_file(
    model: Model, name: object, source: Path, options: ExplainOptions
) -> Iterator[Iterator[pd.DataFrame]]:
    """Yield tables: first the rows of the model's labels, then those of samples, some at a time.

    Parameters
    ----------
    model, name
        The trained model, and what messages call it.
    source
        The ``.h5ad`` that holds the samples.
    options
        What to explain, and how to encode the samples.

    Raises
    ------
    InputError
        The model knows no two labels, or the file is damaged, lacks genes, or is in another unit.
    UsageError
        The model has not the label that is asked for, or ``input_scale`` is no scale.
    """
    check_explained(model, name, options)
    check_is_h5ad(source)
    with (
        named(source),
        scratch("explain") as folder,
        opened(source) as file,
    ):
        check_own_uns(file, source)
        yield explained(model, open_input(file, source, model, options.encoding, folder), options)


def explained(model: Model, given: OpenInput, options: ExplainOptions) -> Iterator[pd.DataFrame]:
    """Yield tables as :func:`explaining_file` does, of samples that are matched with the model."""
    given.plan.log()
    encoder = Encoder(model, given.source(options.encoding.chunk_size), given.plan)
    encoder.log_placements()
    encoder.inspection.log(given.alignment.model_symbols, len(given.sample_names))
    path, label, rival = LogitPath(model), number_of(options.label, model), rival_of(options, model)
    told_from = options.against if rival is None else rival
    samples = SampleRows(encoder, given, path, label, told_from, options.n_genes)
    means = class_inputs_of_model(model)
    yield label_rows(model, path, _of_samples(samples) if means is None else means, label, options.n_genes, rival)
    yield from samples.tables()
    if samples.n_left_out:
        logger.info(
            "%s the label that --against names, and %s no row",
            plural(samples.n_left_out, "sample has", "samples have"), "has" if samples.n_left_out == 1 else "have",
        )  # fmt: skip
    path.warn_of_errors()


def _of_samples(samples: SampleRows) -> NDArray[np.float64]:
    found = samples.class_inputs()
    logger.info(
        "the model keeps no mean expression of its labels; taken are those of the samples of each predicted label, %d "
        "of which have any", found.seen.sum(),
    )  # fmt: skip
    return found.means
