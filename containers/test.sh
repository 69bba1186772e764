#!/bin/sh
# Run the demo inside an image or a SIF, as an ordinary user, without network, on a read-only root, and compare the
# codes with those of a demo that ran outside.
# usage: test.sh NAME_OR_FILE.sif OUTSIDE_DEMO_FOLDER
# RUNTIME names the program (docker, podman, apptainer, singularity) with its options where the first one found won't do.
set -eu
cd "$(dirname "$0")/.."

target=$1
outside=$2
python=${PYTHON:-.venv/bin/python}
uid=${TEST_UID:-12345}
work=$(mktemp -d "${TMPDIR:-/tmp}/clrna-image-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/out"
chmod 777 "$work/out"

case $target in
    *.sif)
        runtime=${RUNTIME:-$(command -v apptainer || command -v singularity)}
        # --containall: no home, no environment, no host folder but those named; the SIF itself is never writable.
        inside() { $runtime exec --containall --no-home --net --network none --pwd /out \
            --bind "$PWD/benchmarks:/benchmarks:ro,$PWD/test-data:/test-data:ro,$work/out:/out" "$target" "$@"; }
        ;;
    *)
        runtime=${RUNTIME:-$(command -v docker || command -v podman)}
        inside() { $runtime run --rm --network none --read-only --tmpfs /tmp --cap-drop all --user "$uid:$uid" --workdir /out \
            -v "$PWD/benchmarks:/benchmarks:ro" -v "$PWD/test-data:/test-data:ro" -v "$work/out:/out" "$target" "$@"; }
        ;;
esac

echo "== $target: executables, man pages, completion, no GPU"
inside sh -c 'set -eu
    for step in fetch normalize train encode baseline score plot; do
        clrna-$step --version
        test -s /opt/clrna/share/man/man1/clrna-$step.1
        bash -n /opt/clrna/share/bash-completion/completions/clrna-$step
    done
    command -v bash ps >/dev/null
    if touch /opt/clrna/x 2>/dev/null; then echo "the root is writable" >&2; exit 1; fi
    status=0; clrna-train /test-data/demo/none.h5ad -o /out/x.safetensors 2>/dev/null || status=$?; test $status = 3'

echo "== $target: the demo"
inside sh /benchmarks/demo.sh /out/demo "" /test-data/demo

echo "== $target: an explicit GPU that is not there is status 4, auto says why there is none"
status=0
inside clrna-encode /out/demo/merged.h5ad -m /out/demo/model.safetensors -o /out/gpu.h5ad --device cuda || status=$?
if [ "$status" != 4 ] && [ "$status" != 0 ]; then echo "--device cuda ended with $status" >&2; exit 1; fi

"$python" containers/compare.py "$outside" "$work/out/demo"
