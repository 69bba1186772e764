#!/bin/sh
# Run both scripts on the SLURM at hand: a training that is stopped by a signal, goes back into the queue and ends with
# the same bytes as one that ran through; one that its time limit stops; one that may not go back; an array that encodes
# several files; all in folders with a space and a comma in their names.
# usage: test.sh FILE.sif DEMO_FOLDER          (DEMO_FOLDER holds merged.h5ad and model.safetensors)
set -eu

here=$(dirname "$(readlink -f "$0")")
sif=$(readlink -f "$1")
demo=$(readlink -f "$2")
work=$(mktemp -d "${TMPDIR:-/tmp}/clrna-slurm-test.XXXXXX")
job=
clean_up() { # and keep the status that the test ended with
    status=$?
    if [ -n "$job" ]; then scancel "$job" 2>/dev/null || true; fi
    cd /
    rm -rf "$work" || true
    exit "$status"
}
trap clean_up EXIT
place="$work/a folder, with more"
mkdir "$place"
cd "$place"
cp "$demo/merged.h5ad" "$demo/model.safetensors" .
export SIF="$sif"
small="--parsable --cpus-per-task=1 --mem=1500"
# Enough of a network that it does not end before it is stopped.
options="--device cpu --standardize study --hidden 256 --latent-dim 20 --patience 0 --linear-path off"

state() { squeue --noheader --jobs "$1" --states all --format '%T %r' 2>/dev/null | sort | uniq -c | tr -s ' ' | tr '\n' ';'; }
fail() { echo "$*" >&2; tail -n 20 ./*.log >&2; exit 1; }
wait_for() { # JOB
    tries=0
    while squeue --noheader --jobs "$1" --states PENDING,RUNNING,COMPLETING,SUSPENDED,REQUEUED,CONFIGURING 2>/dev/null | grep -q .; do
        tries=$((tries + 1)); [ "$tries" -lt 600 ] || fail "job $1 does not end: $(state "$1")"
        sleep 1
    done
}
wait_for_line() { # JOB TEXT SECONDS
    tries=0
    until grep -q "$2" "clrna-train-$1.log" 2>/dev/null; do
        tries=$((tries + 1)); [ "$tries" -lt "$3" ] || fail "job $1 does not say '$2': $(state "$1")"
        sleep 1
    done
}
wait_for_checkpoint() { # JOB FILE
    tries=0
    until [ -e "$2" ]; do
        tries=$((tries + 1)); [ "$tries" -lt 1200 ] || fail "job $1 writes no checkpoint: $(state "$1")"
        sleep 0.1
    done
}
train() { # MODEL EPOCHS [OPTIONS OF SBATCH...]
    INPUT="$place/merged.h5ad" MODEL="$place/$1" epochs=$2
    export INPUT MODEL
    shift 2
    # shellcheck disable=SC2086 # lists of words
    sbatch $small --time=10 "$@" "$here/train.sbatch" $options --epochs "$epochs"
}

echo "-- train.sbatch, run through, into a folder that it makes"
job=$(train whole/model.safetensors 60)
wait_for "$job"
[ -s whole/model.safetensors ] || fail "job $job wrote no model: $(state "$job")"
[ ! -e whole/model.checkpoint.safetensors ] || fail "the checkpoint of a training that is done is still there"

echo "-- train.sbatch, stopped after its first checkpoint"
job=$(train stopped/model.safetensors 60)
wait_for_checkpoint "$job" stopped/model.checkpoint.safetensors
scancel --signal=TERM "$job" # what --signal=TERM@120 sends when time runs out
wait_for_line "$job" 'back into the queue' 120
# SLURM lets a job that was requeued wait for two minutes, in which the node forgets its first run. Not to be hurried: a
# node that is given the second run before refuses it, and the job has failed.
[ ! -e stopped/model.safetensors ] || fail "the training ended before it was stopped; give it more epochs"
wait_for "$job"
[ -s stopped/model.safetensors ] || fail "job $job did not go on: $(state "$job")"
grep -i 'stopped\|resum' "clrna-train-$job.log" || true
cmp whole/model.safetensors stopped/model.safetensors || fail "the model of the stopped run is another one"
[ ! -e stopped/model.checkpoint.safetensors ] || fail "the checkpoint of a resumed training is still there"
echo "the same $(wc -c < whole/model.safetensors) bytes"

echo "-- train.sbatch, stopped more often than it may be"
MAX_RESTARTS=0 && export MAX_RESTARTS
job=$(train often/model.safetensors 2000)
unset MAX_RESTARTS
wait_for_checkpoint "$job" often/model.checkpoint.safetensors
scancel --signal=TERM "$job"
wait_for_line "$job" 'MAX_RESTARTS is 0; to go on, submit the same command again' 120
wait_for "$job"
case $(scontrol show job "$job" 2>/dev/null) in
    *ExitCode=143:0*) ;;
    *) fail "job $job did not end with 143: $(scontrol show job "$job" | grep -o 'JobState=.*\|ExitCode=[0-9:]*' | tr '\n' ' ')" ;;
esac

echo "-- train.sbatch, stopped at its time limit of a minute"
# SLURM looks every half minute, so the signal comes 20 to 50 seconds after the start.
job=$(train limit/model.safetensors 100000 --time=1 --signal=TERM@10)
wait_for_line "$job" 'back into the queue' 100
[ -s limit/model.checkpoint.safetensors ] || fail "job $job left no checkpoint"
scancel "$job"

echo "-- encode-array.sbatch"
mkdir samples
for name in a b "c d"; do cp merged.h5ad "samples/$name.h5ad"; done
ls "$place"/samples/*.h5ad > files.txt
export MODEL="$place/model.safetensors" FILES="$place/files.txt" OUT="$place/encoded"
# shellcheck disable=SC2086 # a list of words
job=$(sbatch $small --time=10 --array=1-3 "$here/encode-array.sbatch" --device cpu)
wait_for "$job"
for name in a b "c d"; do [ -s "encoded/$name.encoded.h5ad" ] || fail "encoded/$name.encoded.h5ad is missing"; done
echo "three files encoded"

echo "-- encode-array.sbatch, two files of one name"
mkdir other && cp merged.h5ad other/a.h5ad
ls "$place"/samples/a.h5ad "$place"/other/a.h5ad > files.txt
export OUT="$place/twice"
# shellcheck disable=SC2086 # a list of words
job=$(sbatch $small --time=10 --array=1-2 "$here/encode-array.sbatch" --device cpu)
wait_for "$job"
grep -q "2 files of .* are named a; rename them" "clrna-encode-${job}_1.log" || fail "job $job does not refuse the two"
[ ! -e twice/a.encoded.h5ad ] || fail "job $job overwrote one of the two"
job=
