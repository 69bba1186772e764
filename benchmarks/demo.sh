#!/bin/sh
# The main job: normalize the studies, leave some out, train, encode all, compare with ComBat, report.
set -eu

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ] || [ $# -lt 3 ]; then
    cat <<'HELP'
usage: demo.sh OUTPUT_FOLDER HOLD_OUT_STUDIES_OR_EMPTY FILE_OR_FOLDER...

Normalizes the studies in the files (or in those of one folder), leaves some out, trains, encodes all, compares with ComBat
and writes OUTPUT_FOLDER/report.html, whose first picture is OUTPUT_FOLDER/claim.png too. Tables of sample metadata among the files are known by their columns.

HOLD_OUT_STUDIES are names with commas between them. Where there is none, those that the folder's hold-out.list names are
left out, one a line; without such a list, the smallest study.

Environment:
  METADATA         tables of sample metadata, each FILE or STUDY=FILE, separated by spaces
  NORMALIZE_ARGS   further options of clrna-normalize, such as '--genes 50%'
  DEMO_ARGS        further options of clrna-train and clrna-encode, such as '--device cpu --precision fp32 --threads 2'
  THREADS          threads of each step (default: 1, since with few samples more of them mostly wait for each other; 0 takes all)
HELP
    case ${1:-} in --help | -h) exit 0 ;; *) exit 2 ;; esac
fi

out=$1
hold_out=$2
shift 2

# One name that holds blanks comes here in pieces.
[ $# -eq 1 ] || [ ! -e "$*" ] || set -- "$*"

# List the files of quantifiers in a folder; further words are for find.
quantified() {
    find "$@" -type f \( -name '*quant*.sf' -o -name '*quant*.sf.gz' -o -name '*.results' -o -name '*.results.gz' \
        -o -name '*abundance.tsv' -o -name '*abundance.tsv.gz' -o -name '*augmented_star_gene_counts.tsv*' \
        -o -name '*gene_abund*.t*' -o -name '*ReadsPerGene.out.tab*' -o -name '*.htseq*' -o -name '*.fpkm_tracking' \)
}

# A folder stands for the expression files in it, or for the files of a quantifier, which are one study.
if [ $# -eq 1 ] && [ -d "$1" ]; then
    folder=${1%/}
    [ -n "$hold_out" ] || [ ! -f "$folder/hold-out.list" ] || hold_out=$(paste -s -d , "$folder/hold-out.list")
    set --
    whole=$(quantified "$folder" -maxdepth 1)
    for file in "$folder"/*; do
        if [ -d "$file" ]; then
            case $(quantified "$file" | wc -l | tr -d ' ') in
                0) ;;
                1) whole=$file ;; # a folder a sample
                *) set -- "$@" "$file" ;;
            esac
            continue
        fi
        case $file in
            *.h5ad | *.tsv | *.tsv.gz | *.tsv.zst | *.csv | *.csv.gz | *.csv.zst | *.txt | *.txt.gz | *.tab | *.gct | *.gct.gz | *.parquet)
                [ -n "$(quantified "$file")" ] || set -- "$@" "$file"
                ;;
        esac
    done
    [ -z "$whole" ] || set -- "$@" "$folder"
    [ $# -gt 0 ] || { echo "make demo: $folder holds no expression file (h5ad, tsv, csv, txt, parquet)" >&2; exit 2; }
fi
mkdir -p "$out"
threads="--threads ${THREADS:-1}"
if [ -f "${METADATA:-}" ]; then
    set -- "$@" --metadata "$METADATA"
else
    for table in ${METADATA:-}; do
        set -- "$@" --metadata "$table"
    done
fi

echo "1/6 clrna-normalize: one scale, one vocabulary of genes and tissues" >&2
# shellcheck disable=SC2086 # a list of words
clrna-normalize "$@" -o "$out/merged.h5ad" $threads --study-report "$out/studies.tsv" \
    --gene-report "$out/genes.tsv" --label-report "$out/labels.tsv" ${NORMALIZE_ARGS:-}

# The study that training never sees: the smallest, unless some were named. One study alone can't be left out.
if [ -z "$hold_out" ] && [ "$(tail -n +2 "$out/studies.tsv" | wc -l)" -gt 1 ]; then
    column=$(head -n 1 "$out/studies.tsv" | tr '\t' '\n' | grep -n -x samples | cut -d: -f1)
    hold_out=$(tail -n +2 "$out/studies.tsv" | sort -t "$(printf '\t')" -k "$column,${column}n" | head -n 1 | cut -f1)
fi
set --
if [ -n "$hold_out" ]; then
    set -- --exclude-study "$hold_out"
fi

echo "2/6 clrna-train: without ${hold_out:-leaving a study out}" | sed 's/,/, /g' >&2
# shellcheck disable=SC2086 # a list of words
clrna-train "$out/merged.h5ad" $threads -o "$out/model.safetensors" "$@" --history "$out/history.tsv" \
    --card "$out/model-card.md" ${DEMO_ARGS:-}

echo "3/6 clrna-encode: all studies" >&2
# shellcheck disable=SC2086 # a list of words
clrna-encode "$out/merged.h5ad" $threads -m "$out/model.safetensors" -o "$out/encoded.h5ad" ${DEMO_ARGS:-}

echo "4/6 clrna-baseline: PCA, ComBat, Harmony, per-study standardization" >&2
# shellcheck disable=SC2086 # two words
clrna-baseline "$out/merged.h5ad" $threads -o "$out/baselines.h5ad"

echo "5/6 clrna-score: transfer to what was left out" >&2
# shellcheck disable=SC2086 # two words
clrna-score "$out/encoded.h5ad" "$out/baselines.h5ad" $threads -o "$out/scores.tsv" --json "$out/scores.json"

echo "6/6 clrna-plot: the report" >&2
# Without t-SNE, which takes longer than all else here.
# shellcheck disable=SC2086 # two words
clrna-plot "$out/encoded.h5ad" "$out/baselines.h5ad" $threads --projections umap,pca --scores "$out/scores.tsv" --history "$out/history.tsv" \
    -o "$out/report.html" -o "$out/claim.png" --figure claim

echo "Done. Open $out/report.html in a browser." >&2
