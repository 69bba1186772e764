#!/bin/bash
# Run inside an image by test.sh: are the executables, their pages and completion there, and is the rest as promised?
# usage: inside.sh cpu|cuda
set -euo pipefail
kind=$1

fail() { echo "$*" >&2; exit 1; }

[ "$(id -u)" != 0 ] || [ -n "${APPTAINER_CONTAINER:-}" ] || fail "the test is meant to run as an ordinary user"
[ -z "${HOME:-}" ] || fail "HOME is set to $HOME"
for name in clrna clrna-fetch clrna-normalize clrna-train clrna-encode clrna-baseline clrna-score clrna-match clrna-explain clrna-plot; do
    "$name" --version
    # Read whole: a pipe that grep leaves early would end man with SIGPIPE, which pipefail counts.
    page=$(man "$name" 2>/dev/null) || fail "man $name ends with $?"
    [[ $page == *--print-completion* ]] || fail "man $name shows no page"
    bash -n "/opt/clrna/share/bash-completion/completions/$name"
    test -s "/opt/clrna/share/zsh/site-functions/_$name"
done
# Completion works at a prompt, as the bash-completion package loads it.
bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader clrna-train; complete -p clrna-train' >/dev/null ||
    fail "completion of clrna-train does not load"
ps -o pid= -p $$ >/dev/null || fail "ps does not work"
for program in gcc cc make pip pip3 uv git; do
    ! command -v "$program" >/dev/null || fail "$program has no place in this image"
done
for place in /opt/clrna /usr /etc /var; do
    ! touch "$place/written" 2>/dev/null || fail "$place is writable"
done
/opt/clrna/bin/python -c 'import argparse, os; os.stat(argparse.__cached__)' || fail "the standard library has no bytecode"
/opt/clrna/bin/python - <<'READ' || fail "the bill of materials is not that of the packages"
import importlib.metadata, json, re
document = json.load(open("/opt/clrna/share/doc/clrna/sbom.cdx.json"))
plain = lambda names: {re.sub(r"[-_.]+", "-", name).lower() for name in names}
listed = plain(component["name"] for component in document["components"])
there = plain(package.name for package in importlib.metadata.distributions())
assert document["bomFormat"] == "CycloneDX" and {"torch", "anndata", "clrna"} <= listed, document["bomFormat"]
assert listed == there, sorted(listed ^ there)
READ
/opt/clrna/bin/python - "$kind" <<'CHECK'
import importlib.util, pathlib, sys, torch
assert (torch.version.cuda is not None) == (sys.argv[1] == "cuda"), torch.__version__
source = importlib.util.find_spec("clrna.constants")
assert pathlib.Path(source.cached).is_file(), "no bytecode"
print(f"torch {torch.__version__}, CUDA {torch.version.cuda or 'none'}")
CHECK
network=$(python3 -c 'import socket; print(" ".join(sorted(name for _, name in socket.if_nameindex() if name != "lo")))')
[ -z "$network" ] || fail "there is a network: $network"
status=0
clrna-train /given/demo/none.h5ad -o /tmp/x.safetensors 2>/dev/null || status=$?
[ "$status" = 3 ] || fail "a missing input ended with $status, not 3"
echo "as promised"
