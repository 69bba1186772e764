"""The layer that corrected expression stands in: under which name, and what it never replaces."""

import logging
from collections.abc import Collection, Mapping
from typing import Any

from clrna.constants import UNS_MODELS
from clrna.encode.names import names_for
from clrna.encode.options import EncodeOptions
from clrna.encode.study_correction import TargetLevels
from clrna.errors import UsageError
from clrna.model.model import Model
from clrna.quoted import quoted

logger = logging.getLogger("clrna")

CORRECTED_LAYER, CORRECTED_TO = "corrected_layer", "corrected_to"


def check_corrected_layer(options: EncodeOptions) -> None:
    """Raise UsageError where the layer cannot have that name, or only the study is given."""
    name = options.corrected_layer
    if name is None:
        if options.corrected_to is not None:
            raise UsageError("--corrected-to is for corrected expression; give --corrected-layer a name as well")
        return
    if not name.strip(" .") or "/" in name:
        raise UsageError(f"--corrected-layer {name!r}: cannot be the name of a layer, write one such as corrected")
    if options.reconstruct and name == names_for(options.key_added).reconstruction:
        raise UsageError(f"--corrected-layer {quoted(name)}: --reconstruct writes that layer; write another name")
    if name == options.layer:
        raise UsageError(f"--corrected-layer {quoted(name)}: --layer reads that layer; write another name")


def target_of(model: Model, options: EncodeOptions) -> TargetLevels | None:
    """Return what expression is brought to, and say so; None where it is not asked for.

    Raises
    ------
    InputError, UsageError
        As :func:`check_corrected_layer` and :meth:`clrna.encode.study_correction.TargetLevels.of`.
    """
    check_corrected_layer(options)
    if options.corrected_layer is None:
        return None
    target = TargetLevels.of(model, options.corrected_to)
    text = "layer %s: expression of each study as if %s had measured it; not for testing genes between studies"
    logger.info(text, quoted(options.corrected_layer), quoted(target.study))
    return target


def refuse_taken_layer(options: EncodeOptions, there: Collection[str], own: Mapping[str, Any]) -> None:
    """Raise UsageError where a file has a layer of that name that CLRNA did not write under the same key.

    Parameters
    ----------
    options
        How to encode.
    there
        Names of the file's layers.
    own
        Its ``uns['clrna']``.
    """
    name = options.corrected_layer
    entry = own.get(UNS_MODELS, {}).get(options.key_added, {})
    if name is not None and name in there and entry.get(CORRECTED_LAYER) != name:
        raise UsageError(
            f"--corrected-layer {quoted(name)}: the file already has that layer, which this model's key did not write; "
            "write another name"
        )


def corrected_entry(options: EncodeOptions, target: TargetLevels | None) -> dict[str, Any]:
    """Return what the file keeps of the layer."""
    return {} if target is None else {CORRECTED_LAYER: options.corrected_layer, CORRECTED_TO: target.study}
