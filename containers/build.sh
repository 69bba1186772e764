#!/bin/sh
# Build an image with whichever of docker, podman or buildah works here, or a SIF with apptainer or singularity.
# usage: build.sh cpu|cuda NAME         e.g. build.sh cpu clrna:cpu
#        build.sh sif  FILE.sif [cpu|cuda]
# BUILD_ARGS holds further words for the builder, e.g. '--build-arg BASE_IMAGE=python:3.12-slim-bookworm'.
set -eu
cd "$(dirname "$0")/.."

kind=$1
name=$2

first_that_works() {
    for program in "$@"; do
        if command -v "$program" >/dev/null 2>&1 && "$program" info >/dev/null 2>&1; then
            echo "$program"
            return
        fi
    done
    for program in "$@"; do
        case $program in
            apptainer | singularity) command -v "$program" >/dev/null 2>&1 && { echo "$program"; return; } ;;
        esac
    done
    echo "build.sh: none of $* works here; install one of them" >&2
    exit 2
}

version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' clrna/__init__.py)
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
# The commit's own time stamps the files, so that the same commit gives the same image.
epoch=$(git log -1 --format=%ct 2>/dev/null || echo 0)

if [ "$kind" = sif ]; then
    builder=${BUILDER:-$(first_that_works apptainer singularity)}
    # shellcheck disable=SC2086 # BUILD_ARGS is a list of words
    SOURCE_DATE_EPOCH=$epoch exec $builder build --force --build-arg KIND="${3:-cpu}" ${BUILD_ARGS:-} "$name" containers/clrna.def
fi

builder=${BUILDER:-$(first_that_works docker podman buildah)}
# shellcheck disable=SC2086 # BUILDER and BUILD_ARGS are lists of words
exec $builder build --file containers/Dockerfile --target "$kind" --tag "$name" \
    --build-arg VERSION="$version" --build-arg REVISION="$revision" --build-arg SOURCE_DATE_EPOCH="$epoch" ${BUILD_ARGS:-} .
