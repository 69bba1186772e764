"""One study is in one scale, also where it comes in several files."""

from collections.abc import Sequence

from clrna.errors import InputError
from clrna.normalize.part import StudyPart


def require_one_scale_a_study(parts: Sequence[StudyPart]) -> None:
    """Raise InputError where files of one study ended in different scales."""
    seen: dict[str, StudyPart] = {}
    for part in parts:
        first = seen.setdefault(part.study, part)
        if first.scale != part.scale:
            raise InputError(
                f"study {part.study} is in {first.scale} in {first.path} and in {part.scale} in {part.path}; state one "
                f"with --input-scale {part.study}=..., or name the studies apart with --study"
            )
