# Sourced by the parts of .ci/run that install an engine: tells what a mirror does not give today from what is broken.
# shellcheck shell=bash

# install_packages PACKAGE...: from the distribution; fails where they are not to be had.
install_packages() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    # Once is enough for all parts of a run.
    if [ -z "${CLRNA_APT_UPDATED:-}" ]; then apt-get update -qq || true; export CLRNA_APT_UPDATED=1; fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# on_pypi PACKAGE VERSION: whether pip can load that version today.
on_pypi() {
    local folder status=0
    folder=$(mktemp -d)
    .venv/bin/python -m pip download --quiet --no-deps --dest "$folder" "$1==$2" >/dev/null || status=1
    rm -rf "$folder"
    return "$status"
}

# pinned NAME: a version that the Makefile pins.
pinned() { sed -n "s/^$1 ?= //p" Makefile; }
