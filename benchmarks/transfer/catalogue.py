"""Which study plays which part in the suites, and where its file is."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

ROLES = Path(__file__).resolve().parent / "roles.tsv"
KINDS = ("panel", "cohort", "ratio", "normals")
USES = ("reference", "tuned", "kept", "unused")


@dataclass(frozen=True)
class Study:
    """A file, what it holds, and what it may be used for."""

    name: str
    path: Path
    kind: str
    use: str


class Catalogue:
    """The studies of a folder, by the table of roles.

    Parameters
    ----------
    folder
        Searched for ``NAME.h5ad`` to any depth.
    roles
        Table with a row a study: ``name``, ``kind`` (panel: many tissues; cohort; ratio: a cohort of ratios to a
        reference sample; normals), ``use`` (reference; tuned: looked at while the model is designed; kept: looked at
        once, at the end; unused) and ``confounded`` (how it trains the suite of that name; yes: in all of it; drawn:
        where studies are drawn; no).
    """

    def __init__(self, folder: Path, roles: Path = ROLES) -> None:
        self.roles = pd.read_csv(roles, sep="\t", dtype=str, keep_default_na=False).set_index("name")
        wrong = set(self.roles["kind"]) - set(KINDS) | set(self.roles["use"]) - set(USES)
        if wrong:
            sys.exit(f"{roles}: unknown kind or use {', '.join(sorted(wrong))}")
        self.folder = folder
        self.files = {path.stem: path for path in sorted(folder.rglob("*.h5ad"))}

    def reference(self, confounded: bool = False) -> list[Study]:
        """Return the studies that train by default."""
        column, value = ("confounded", "yes") if confounded else ("use", "reference")
        return [self.study(name) for name in self.roles.index[self.roles[column] == value] if name in self.files]

    def drawn(self) -> list[Study]:
        """Return the studies that references of the suite ``confounded`` are drawn from."""
        chosen = self.roles["confounded"].isin(("yes", "drawn"))
        return [self.study(name) for name in self.roles.index[chosen] if name in self.files]

    def asked(self, words: str) -> list[Study]:
        """Return the studies that ``words`` names: ``reference``, ``tuned``, ``kept`` or files, comma separated."""
        found = {}
        for word in words.split(","):
            names = [word]
            if word in USES:
                names = [name for name in self.roles.index[self.roles["use"] == word] if name in self.files]
            found.update({name: self.study(name) for name in names})
        return list(found.values())

    def study(self, name: str) -> Study:
        """Return one study; a file that the table does not know is a cohort."""
        if name not in self.files:
            sys.exit(f"{self.folder} holds no {name}.h5ad; it has {', '.join(sorted(self.files)) or 'no .h5ad at all'}")
        kind, use = ("cohort", "kept")
        if name in self.roles.index:
            kind, use = self.roles.loc[name, ["kind", "use"]]
        return Study(name, self.files[name], kind, use)
