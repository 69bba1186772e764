"""One claim that a reader may want to rely on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """A claim and what the files say to it; ``state`` is ``good``, ``bad``, ``note`` or ``unknown``."""

    state: str
    claim: str
    evidence: str
