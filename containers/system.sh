#!/bin/sh
# Run as root inside an image build: install what the image needs of the distribution, and leave no cache.
# usage: system.sh runtime|build|bytecode
set -eu
export DEBIAN_FRONTEND=noninteractive

case $1 in
    runtime)
        # bash and ps are what Nextflow needs in a task; libgomp1 is what torch and scikit-learn load; man and
        # bash-completion serve a person at a prompt.
        packages="bash bash-completion ca-certificates libgomp1 man-db procps python3" ;;
    build) packages=python3-venv ;;
    bytecode) packages= ;; # after other packages were removed
    *) echo "usage: system.sh runtime|build|bytecode" >&2; exit 2 ;;
esac

compile_standard_library() { # or every start of an executable does it: a third of what one sample takes
    # Only there: while a SIF is built, the host's own /tmp and home can be mounted.
    find /usr/lib /usr/share -xdev -name __pycache__ -type d -prune -exec rm -rf {} +
    # By hash, so that it depends on nothing but the source.
    python3 -m compileall -q --invalidation-mode unchecked-hash "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
}

if [ -z "$packages" ]; then
    compile_standard_library
    exit
fi

# An index of all manual pages would be of no use here and carries the time of its making.
echo "man-db man-db/auto-update boolean false" | debconf-set-selections
apt-get update
# shellcheck disable=SC2086 # a list of words
apt-get install -y --no-install-recommends $packages
apt-get clean

if [ "$1" = runtime ]; then
    # Every interactive bash, not only a login shell, completes the executables' options.
    echo '. /usr/share/bash-completion/bash_completion' >> /etc/bash.bashrc
fi
# What differs between two builds of the same packages: logs, caches, backups.
rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/apt/* /var/cache/man /var/cache/ldconfig/aux-cache \
    /var/cache/debconf/*-old /var/lib/dpkg/*-old
compile_standard_library
