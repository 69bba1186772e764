"""``import clrna`` costs nothing, and says truly what is in it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import clrna

HEAVY = ("numpy", "scipy", "pandas", "anndata", "h5py", "torch", "sklearn", "matplotlib", "argparse")


def test_import_loads_no_other_module_of_weight():
    code = (
        "import json, sys, time\nbefore = set(sys.modules)\nstart = time.process_time()\nimport clrna\n"
        "spent = time.process_time() - start\nprint(json.dumps([sorted(set(sys.modules) - before), spent]))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded, spent = json.loads(done.stdout)
    assert [name for name in loaded if name.startswith("clrna")] == ["clrna"]
    assert [name for name in HEAVY if name in loaded] == []
    assert spent < 0.1


def test_encoding_with_a_model_in_closed_form_does_not_load_torch(folder: Path):
    code = (
        # Some versions of anndata load it.
        f"import sys, anndata\nprint('torch' in sys.modules)\n"
        f"import clrna\nadata = anndata.read_h5ad({str(folder / 'merged.h5ad')!r})\n"
        f"clrna.tl.encode(adata, clrna.Model.load({str(folder / 'model.safetensors')!r}))\n"
        "assert 'X_clrna' in adata.obsm\nprint('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    before, after = done.stdout.split()
    assert after == before


def test_every_public_name_is_there_and_listed():
    assert sorted(clrna.__all__) == clrna.__all__
    assert set(clrna.__all__) <= set(dir(clrna))
    for name in clrna.__all__:
        assert getattr(clrna, name) is not None
    start = time.process_time()
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        clrna.nothing  # noqa: B018
    assert time.process_time() - start < 1


def test_what_type_checkers_read_names_the_same():
    stub = Path(clrna.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    named = {line.split(" as ")[1] for line in stub.splitlines() if " as " in line}
    assert named == set(clrna.__all__) - {"__version__"}
