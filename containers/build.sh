#!/bin/sh
# Build an image with whichever of docker, podman or buildah works here, or a SIF with apptainer or singularity.
# usage: build.sh cpu|cuda NAME              e.g. build.sh cpu clrna:cpu
#        build.sh sif FILE.sif [cpu|cuda]
# BUILDER and SIF_BUILDER name the program with its options where the first one found won't do; BUILD_ARGS and
# SIF_BUILD_ARGS hold further words for it, e.g. BUILD_ARGS='--build-arg BASE_IMAGE=ubuntu:24.04'. REVISION and, for a
# SIF, BASE_IMAGE replace what is found here.
set -eu
cd "$(dirname "$0")/.."

kind=$1
name=$2

first_that_works() {
    for program in "$@"; do
        if command -v "$program" >/dev/null 2>&1 && "$program" version >/dev/null 2>&1; then
            echo "$program"
            return
        fi
    done
    echo "build.sh: none of $* works here; install one of them" >&2
    exit 2
}

version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' clrna/__init__.py)
revision=${REVISION:-$(git rev-parse HEAD 2>/dev/null || echo unknown)}
if [ -z "${REVISION:-}" ] && [ "$revision" != unknown ] && [ -n "$(git status --porcelain 2>/dev/null)" ]; then revision=$revision-dirty; fi
# The commit's own time stamps image and files, so that the same commit gives the same image.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 315532800)}
export SOURCE_DATE_EPOCH
created=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)

if [ "$kind" = sif ]; then
    builder=${SIF_BUILDER:-$(first_that_works apptainer singularity)}
    base=${BASE_IMAGE:-$(sed -n 's/^ARG BASE_IMAGE=//p' containers/Dockerfile)}
    # shellcheck disable=SC2086 # lists of words
    exec $builder build --force --build-arg BASE_IMAGE="$base" --build-arg KIND="${3:-cpu}" --build-arg VERSION="$version" --build-arg REVISION="$revision" \
        --build-arg SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" ${SIF_BUILD_ARGS:-} "$name" containers/clrna.def
fi

builder=${BUILDER:-$(first_that_works docker podman buildah)}
case $builder in
    *podman* | *buildah*) stamp="--timestamp $SOURCE_DATE_EPOCH" ;; # docker reads SOURCE_DATE_EPOCH
    *) stamp= ;;
esac
# shellcheck disable=SC2086 # lists of words
exec $builder build --file containers/Dockerfile --target "$kind" --tag "$name" $stamp \
    --build-arg VERSION="$version" --build-arg REVISION="$revision" --build-arg CREATED="$created" \
    --build-arg SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" ${BUILD_ARGS:-} .
