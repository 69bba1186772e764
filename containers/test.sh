#!/bin/sh
# Run the demo inside an image or a SIF, as an ordinary user without a home, without network, on a read-only root, and
# compare the codes with those of a demo that ran outside.
# usage: test.sh NAME_OR_FILE.sif OUTSIDE_DEMO_FOLDER [cpu|cuda]
# RUNTIME (docker, podman) and SIF_RUNTIME (apptainer, singularity) name the program where the first one found won't
# do, RUNTIME_ARGS holds further words for 'run'. DEMO_ARGS must be what the demo outside was run with.
set -eu
cd "$(dirname "$0")/.."

target=$1
outside=$2
kind=${3:-cpu}
python=${PYTHON:-.venv/bin/python}
# Digits can be compared only where device, precision and number of threads are the same.
demo_args=${DEMO_ARGS:---device cpu --precision fp32 --threads 2}
# The outputs must belong to someone who may remove them: the caller, or anyone where the caller is root.
uid=$(id -u) gid=$(id -g)
if [ "$uid" = 0 ]; then uid=12345 gid=12345; fi
work=$(mktemp -d "${TMPDIR:-/tmp}/clrna-image-test.XXXXXX")
clean_up() { # and keep the status that the test ended with
    status=$?
    chmod -R u+w "$work" 2>/dev/null || true
    rm -rf "$work" || true
    exit "$status"
}
trap clean_up EXIT
chmod 755 "$work"
mkdir -m 777 "$work/out" "$work/home"
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
        # Podman run by a user gives the user's number to root inside, unless told to keep it.
        # shellcheck disable=SC2086 # RUNTIME may be a list of words
        case $($runtime --version) in
            *[Pp]odman*) if [ "$(id -u)" != 0 ]; then keep=--userns=keep-id; fi ;;
        esac
        # shellcheck disable=SC2086 # lists of words
        inside() { $runtime run --rm ${RUNTIME_ARGS:-} ${keep:-} --network none --read-only --tmpfs /tmp --cap-drop all \
            --security-opt no-new-privileges --user "$uid:$gid" --workdir /out \
            -v "$work:/given:ro" -v "$work/out:/out" "$target" env -u HOME "$@"; } ;;
esac

echo "== $target: what is in it"
inside bash /given/inside.sh "$kind"

echo "== $target: the demo; then a GPU that is not there, found out by itself and named"
# shellcheck disable=SC2016 # the shell inside expands
inside sh -c '
    set -eu
    DEMO_ARGS=$1 sh /given/demo.sh /out/demo "" /given/demo
    encode="clrna-encode /out/demo/merged.h5ad -m /out/demo/model.safetensors"
    # Arithmetic that numpy does not have, or a model without layers would not look for a device at all.
    $encode -o /out/auto.h5ad --precision bf16 2> /out/auto.log
    status=0; $encode -o /out/gpu.h5ad --device cuda 2> /out/cuda.log || status=$?
    echo "$status" > /out/cuda.status' sh "$demo_args"
grep 'device auto: cpu .* because' "$work/out/auto.log" || { echo "--device auto does not say why it takes the CPU" >&2; exit 1; }
cat "$work/out/cuda.log"
[ "$(cat "$work/out/cuda.status")" = 4 ] || { echo "--device cuda did not end with 4" >&2; exit 1; }

if [ "${target%.sif}" != "$target" ]; then
    echo "== $target: as on a cluster, from a folder that is not writable, with a home and --nv"
    mkdir "$work/read-only"
    ln "$target" "$work/read-only/clrna.sif" 2>/dev/null || cp "$target" "$work/read-only/clrna.sif"
    chmod 555 "$work/read-only"
    # Neither --containall nor --cleanenv: what Apptainer does by itself. Without a GPU --nv warns and goes on.
    # shellcheck disable=SC2016,SC2086 # the shell inside expands; a list of words
    PYTHONPATH=$work/none PYTHONHOME=$work/none $runtime exec --nv --home "$work/home:/home/tester" --pwd /out \
        --bind "$work/out:/out" "$work/read-only/clrna.sif" sh -c '
        set -eu
        [ "$HOME" = /home/tester ] && [ -w "$HOME" ] || { echo "HOME is $HOME" >&2; exit 1; }
        clrna-encode demo/merged.h5ad -m demo/model.safetensors -o home.h5ad --quiet
        clrna-plot home.h5ad -o home.html --quiet'
    [ -s "$work/out/home.html" ] || { echo "no report was written" >&2; exit 1; }
    left=$(find "$work/home" -mindepth 1)
    [ -z "$left" ] || { echo "the home holds what nobody asked for: $left" >&2; exit 1; }
fi

echo "== $target: the same results as outside"
"$python" containers/compare.py "$outside" "$work/out/demo"
