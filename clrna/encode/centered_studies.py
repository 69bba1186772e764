"""Say which studies had their genes centered, and what that means for their labels."""

import logging
from collections.abc import Collection, Mapping, Sequence

from clrna.encode.plan import study_called
from clrna.model.centering import Centering

logger = logging.getLogger("clrna")


def log_centered(names: Sequence[str], centerings: Mapping[int, Centering], alone: Collection[int] = ()) -> None:
    """Warn of studies whose labels cannot be relied on for that, and name those that it does no harm.

    Parameters
    ----------
    names
        Of the studies, '' for samples without one.
    centerings
        What is known of each study, by its number.
    alone
        Studies whose samples are encoded as if each were alone, so that their confidence was not lowered.
    """
    for study, centering in centerings.items():
        if not centering.is_centered:
            continue
        who = study_called(names[study])
        seen = f"correlation {centering.level:.2f} with the level of genes in the training data"
        if centering.is_warned_of:
            logger.warning(
                "%s: genes centered within the study, or ratios to a reference (%s), and samples that differ no more "
                "than those of one label do (spread %.1f): the tissue may have been subtracted, confidence is %s; "
                "give values as they were measured",
                who, seen, centering.spread, "not lowered, each being alone" if study in alone else "lowered",
            )  # fmt: skip
        else:
            logger.info(
                "%s: genes centered within the study, or ratios to a reference (%s), but %s",
                who, seen, _why_kept(centering),
            )  # fmt: skip


def log_moved(names: Sequence[str], moved: Mapping[int, Centering]) -> None:
    """Warn of studies that were moved by their own mean and whose tissue may have gone with it.

    Parameters
    ----------
    names
        Of the studies, '' for samples without one.
    moved
        What is known of each such study, by its number.
    """
    for study, centering in moved.items():
        if centering.is_warned_of:
            logger.warning(
                "%s: --adapt study takes away what all its samples have in common, and they differ no more than those "
                "of one label do (spread %.1f): the tissue may have gone with it, confidence is lowered; "
                "leave it at --adapt auto",
                study_called(names[study]), centering.spread,
            )  # fmt: skip


def _why_kept(centering: Centering) -> str:
    if centering.kept == 1.0:
        return "a single sample does not tell whether its tissue was subtracted; do not rely on its label"
    return f"its samples differ as those of several labels do (spread {centering.spread:.1f}), which tells these apart"
