"""What the user says about scales, for all studies or for each."""

from collections.abc import Iterable, Sequence

from clrna.errors import UsageError
from clrna.quoted import in_quotes, listed
from clrna.scale.scale_name import Scale, parse_scale


def parse_input_scale(words: Sequence[str], studies: Iterable[str]) -> dict[str, Scale]:
    """Read ``--input-scale``.

    Parameters
    ----------
    words
        ``auto``, one scale for all studies, or ``STUDY=SCALE`` for some (``auto`` for the others).
    studies
        The studies that there are.

    Returns
    -------
    Scale of each study that one is stated for; the key '' is all of them.

    Raises
    ------
    UsageError
        A scale or a study is not known, or two scales are given for one study.
    """
    known = sorted(set(studies))
    stated: dict[str, Scale] = {}
    for word in words:
        study, _, name = word.rpartition("=")
        if name.lower() == "auto":
            continue
        if study and study not in known:
            raise UsageError(
                f"--input-scale {word}: there is no study {in_quotes(study)}; studies are {listed(known, 20)}"
            )
        if study in stated or (not study and len(words) > 1):
            raise UsageError(f"--input-scale {','.join(words)}: give one scale, or one STUDY=SCALE for each study")
        stated[study] = parse_scale(name)
    return stated
