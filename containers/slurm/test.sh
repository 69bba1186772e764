#!/bin/sh
# Run both scripts on the SLURM at hand: a training that is stopped as at its time limit, goes back into the queue and
# ends with the same bytes as one that ran through, and an array that encodes several files.
# usage: test.sh FILE.sif DEMO_FOLDER          (DEMO_FOLDER holds merged.h5ad and model.safetensors)
set -eu

here=$(dirname "$(readlink -f "$0")")
sif=$(readlink -f "$1")
demo=$(readlink -f "$2")
work=$(mktemp -d "${TMPDIR:-/tmp}/clrna-slurm-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$demo/merged.h5ad" "$demo/model.safetensors" .
small="--parsable --cpus-per-task=1 --mem=1500 --time=10"
# Enough of a network that it does not end before it is stopped.
options="--device cpu --hidden 256 --latent-dim 20 --epochs 60 --patience 0 --linear-path off"

state() { squeue --noheader --jobs "$1" --states all --format %T 2>/dev/null | sort | uniq -c | tr -s ' ' | tr '\n' ';'; }
fail() { echo "$*" >&2; tail -n 20 ./*.log >&2; exit 1; }
wait_for() { # JOB
    tries=0
    while squeue --noheader --jobs "$1" --states PENDING,RUNNING,COMPLETING,SUSPENDED,REQUEUED,CONFIGURING 2>/dev/null | grep -q .; do
        tries=$((tries + 1)); [ "$tries" -lt 600 ] || fail "job $1 does not end: $(state "$1")"
        sleep 1
    done
}
train() { # MODEL
    # shellcheck disable=SC2086 # lists of words
    sbatch $small --export="ALL,SIF=$sif,INPUT=$work/merged.h5ad,MODEL=$work/$1" "$here/train.sbatch" $options
}

echo "-- train.sbatch, run through"
mkdir whole stopped
job=$(train whole/model.safetensors)
wait_for "$job"
[ -s whole/model.safetensors ] || fail "job $job wrote no model: $(state "$job")"

echo "-- train.sbatch, stopped after its first checkpoint"
job=$(train stopped/model.safetensors)
tries=0
until [ -e stopped/model.checkpoint.safetensors ]; do
    tries=$((tries + 1)); [ "$tries" -lt 1200 ] || fail "job $job writes no checkpoint: $(state "$job")"
    sleep 0.1
done
scancel --signal=TERM "$job" # what --signal=TERM@120 sends when time runs out
tries=0
until grep -q 'back into the queue' "clrna-train-$job.log"; do
    tries=$((tries + 1)); [ "$tries" -lt 120 ] || fail "job $job did not stop: $(state "$job")"
    sleep 1
done
# SLURM lets a job that was requeued wait for two minutes; no need to here.
tries=0
until scontrol update JobId="$job" StartTime=now 2>/dev/null; do
    tries=$((tries + 1)); [ "$tries" -lt 60 ] || break
    sleep 1
done
[ ! -e stopped/model.safetensors ] || fail "the training ended before it was stopped; give it more epochs"
wait_for "$job"
[ -s stopped/model.safetensors ] || fail "job $job did not go on: $(state "$job")"
grep -i 'stopped\|resum' "clrna-train-$job.log" || true
cmp whole/model.safetensors stopped/model.safetensors || fail "the model of the stopped run is another one"
echo "the same $(wc -c < whole/model.safetensors) bytes"

echo "-- encode-array.sbatch"
mkdir samples
for name in a b c; do cp merged.h5ad "samples/$name.h5ad"; done
ls "$work"/samples/*.h5ad > files.txt
# shellcheck disable=SC2086 # a list of words
job=$(sbatch $small --array=1-3 --export="ALL,SIF=$sif,MODEL=$work/model.safetensors,FILES=$work/files.txt,OUT=$work/encoded" \
    "$here/encode-array.sbatch" --device cpu)
wait_for "$job"
for name in a b c; do [ -s "encoded/$name.encoded.h5ad" ] || fail "encoded/$name.encoded.h5ad is missing"; done
echo "three files encoded"
