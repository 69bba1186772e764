#!/bin/sh
# Run the demo inside an image or a SIF, as an ordinary user without a home, without network, on a read-only root, and
# compare the codes with those of a demo that ran outside.
# usage: test.sh NAME_OR_FILE.sif OUTSIDE_DEMO_FOLDER [cpu|cuda]
# RUNTIME (docker, podman) and SIF_RUNTIME (apptainer, singularity) name the program where the first one found won't
# do, RUNTIME_ARGS holds further words for 'run'.
set -eu
cd "$(dirname "$0")/.."

target=$1
outside=$2
kind=${3:-cpu}
python=${PYTHON:-.venv/bin/python}
uid=${TEST_UID:-12345}
work=$(mktemp -d "${TMPDIR:-/tmp}/clrna-image-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -m 777 "$work/out"
# The sources may lie where a user other than the builder cannot read them.
cp -R benchmarks/demo.sh test-data/demo containers/inside.sh "$work/"
chmod -R a+rX "$work/demo.sh" "$work/demo" "$work/inside.sh"

case $target in
    *.sif)
        runtime=${SIF_RUNTIME:-$(command -v apptainer || command -v singularity)}
        # --containall: no home, no environment, no host folder but those named; the root is never writable.
        # shellcheck disable=SC2086 # a list of words
        inside() { $runtime exec --containall --no-home --net --network none --pwd /out \
            --bind "$work:/given:ro,$work/out:/out" "$target" env -u HOME "$@"; } ;;
    *)
        runtime=${RUNTIME:-$(command -v docker || command -v podman)}
        # shellcheck disable=SC2086 # lists of words
        inside() { $runtime run --rm ${RUNTIME_ARGS:-} --network none --read-only --tmpfs /tmp --cap-drop all \
            --security-opt no-new-privileges --user "$uid:$uid" --workdir /out \
            -v "$work:/given:ro" -v "$work/out:/out" "$target" env -u HOME "$@"; } ;;
esac

echo "== $target: what is in it"
inside bash /given/inside.sh "$kind"

echo "== $target: the demo; then a GPU that is not there, found out by itself and named"
# shellcheck disable=SC2016 # the shell inside expands
inside sh -c '
    set -eu
    sh /given/demo.sh /out/demo "" /given/demo
    encode="clrna-encode /out/demo/merged.h5ad -m /out/demo/model.safetensors"
    $encode -o /out/auto.h5ad 2> /out/auto.log
    status=0; $encode -o /out/gpu.h5ad --device cuda 2> /out/cuda.log || status=$?
    echo "$status" > /out/cuda.status'
grep 'device auto: cpu .* because' "$work/out/auto.log" || { echo "--device auto does not say why it takes the CPU" >&2; exit 1; }
cat "$work/out/cuda.log"
[ "$(cat "$work/out/cuda.status")" = 4 ] || { echo "--device cuda did not end with 4" >&2; exit 1; }

echo "== $target: the same results as outside"
"$python" containers/compare.py "$outside" "$work/out/demo"
