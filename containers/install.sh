#!/bin/sh
# Run inside an image build, from the sources: install the package beside a torch that is already there, make
# completion scripts and a bill of materials, and fail if torch is not of the kind the image promises.
# usage: install.sh cpu|cuda
set -eu

kind=$1
prefix=/opt/clrna
pip="$prefix/bin/pip"

PIP_CONSTRAINT=constraints.txt "$pip" install .

"$prefix/bin/python" - "$kind" <<'CHECK'
import sys, torch
found = "cuda" if torch.version.cuda else "cpu"
sys.exit(0 if found == sys.argv[1] else f"torch {torch.__version__} is a {found} build, this image is for {sys.argv[1]}")
CHECK

mkdir -p "$prefix/share/bash-completion/completions" "$prefix/share/zsh/site-functions" "$prefix/share/doc/clrna"
for step in fetch normalize train encode baseline score plot; do
    "$prefix/bin/clrna-$step" --print-completion bash > "$prefix/share/bash-completion/completions/clrna-$step"
    "$prefix/bin/clrna-$step" --print-completion zsh > "$prefix/share/zsh/site-functions/_clrna-$step"
    test -s "$prefix/share/man/man1/clrna-$step.1"
done
cp LICENSE "$prefix/share/doc/clrna/"
# pip's own report is a bill of materials that names every package, version and licence.
"$pip" inspect --local > "$prefix/share/doc/clrna/sbom.pip.json"

# pip and its helpers are of no use in an image whose root is read-only.
"$pip" uninstall --yes --quiet setuptools wheel 2>/dev/null || true
find "$prefix" -name '__pycache__' -type d -prune -exec rm -rf {} +
find "$prefix" -name 'tests' -path '*/site-packages/*/tests' -type d -prune ! -path '*/numpy/*' ! -path '*/torch/*' -exec rm -rf {} +
"$prefix/bin/python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$prefix/lib" || true
find "$prefix" -newermt "@${SOURCE_DATE_EPOCH:-0}" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
