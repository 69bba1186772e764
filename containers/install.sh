#!/bin/sh
# Run inside an image build, from the sources, in two steps so that a change of the code repeats the second only:
#   install.sh dependencies cpu|cuda [TORCH_BACKEND]      what the package needs, into the environment /opt/clrna
#   install.sh package cpu|cuda                           the package, completion; trim, bill of materials, stamp
# The build fails if torch is not of the kind that the image promises.
# TORCH_BACKEND (cpu, cu126, ...) lets uv take torch from PyTorch's own index of that name; without one pip takes it from
# where it is set up to look. LOCK names a lock with hashes that is used in place of the constraints.
set -eu

step=$1
kind=$2
torch_backend=${3:-}
prefix=/opt/clrna
python=$prefix/bin/python
tools_lock=containers/locks/tools.txt
# The host's own /tmp can be mounted while a SIF is built, so nothing lies there under a name that others know.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1
export UV_NO_CACHE=1 UV_NO_CONFIG=1
# The order of a set's members is written into bytecode; a fixed one makes two builds alike.
export PYTHONHASHSEED=0
# A wheel without CUDA that lies on the builder's disk must not win.
[ "$kind" != cuda ] || export PIP_FIND_LINKS=

requirements() { # what setup.cfg says the package and its build need
    "$python" - <<'READ'
import configparser
config = configparser.ConfigParser(interpolation=None)
config.read("setup.cfg")
print(config["options"]["install_requires"].strip())
print("setuptools>=77\nargparse-manpage[setuptools]>=4.6")
READ
}

locked() { # NAME FILE: the lines of NAME in a lock
    awk -v name="$1" '/^[^ #]/ { found = ($1 ~ "^" name "==") } found' "$2"
}

add_tools() { # uv and the writer of bills of materials, in an environment that is thrown away
    [ ! -d "$work/tools" ] || return 0
    python3 -m venv "$work/tools"
    if [ -n "${LOCK:-}" ]; then
        "$work/tools/bin/pip" install --quiet --no-compile --require-hashes --no-deps --requirement "$tools_lock"
    else
        grep -o -E '^(uv|cyclonedx-bom)==[^ ]+' "$tools_lock" > "$work/tools.txt"
        "$work/tools/bin/pip" install --quiet --no-compile --requirement "$work/tools.txt"
    fi
}

check_torch() {
    "$python" - "$kind" <<'CHECK'
import sys, torch
found = "cuda" if torch.version.cuda else "cpu"
if found != sys.argv[1]:
    sys.exit(f"torch {torch.__version__} is a {found} build, this image is for {sys.argv[1]}; name a TORCH_BACKEND that has it")
print(f"torch {torch.__version__}, CUDA {torch.version.cuda or 'none'}")
CHECK
}

install_torch() { # uv's or pip's words that say which
    if [ -n "$torch_backend" ]; then
        add_tools
        "$work/tools/bin/uv" pip install --python "$python" --no-deps --torch-backend "$torch_backend" "$@"
    else
        "$python" -m pip install --no-compile --no-deps "$@"
    fi
}

install_dependencies() {
    if [ -n "${LOCK:-}" ]; then
        locked torch "$LOCK" > "$work/torch.txt"
        install_torch --require-hashes --requirement "$work/torch.txt"
        # One package has no wheel. What builds it comes by hash too, before it.
        { locked setuptools "$LOCK"; locked packaging "$LOCK"; } > "$work/build.txt"
        "$python" -m pip install --no-compile --require-hashes --no-deps --requirement "$work/build.txt"
        "$python" -m pip install --no-compile --require-hashes --no-deps --no-build-isolation --requirement "$LOCK"
    else
        torch=torch
        # Where both lie in pip's reach, it prefers 2.0+cpu to 2.0.
        [ "$kind$torch_backend" != cuda ] || torch="torch!=$(sed -n 's/^torch==//p' constraints.txt)+cpu"
        install_torch --constraint constraints.txt "$torch"
        requirements > "$work/requirements.txt"
        "$python" -m pip install --no-compile --constraint constraints.txt --requirement "$work/requirements.txt"
    fi
    "$python" -m pip check
    check_torch
}

add_completion() {
    mkdir -p "$prefix/share/bash-completion/completions" "$prefix/share/zsh/site-functions"
    for name in clrna clrna-fetch clrna-normalize clrna-train clrna-encode clrna-baseline clrna-score clrna-match clrna-explain clrna-plot; do
        "$prefix/bin/$name" --print-completion bash > "$prefix/share/bash-completion/completions/$name"
        "$prefix/bin/$name" --print-completion zsh > "$prefix/share/zsh/site-functions/_$name"
        test -s "$prefix/share/man/man1/$name.1"
    done
}

trim() { # headers, static libraries, test suites and pip are of no use in an image whose root is read-only
    site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    "$python" -m pip uninstall --yes --quiet argparse-manpage pip
    rm -rf "$site/torch/include" "$site/torch/test" "$site/torch/share/cmake" "$site/pyarrow/include" "$site/pyarrow/tests"
    find "$site/torch/bin" -type f ! -name torch_shm_manager -delete
    find "$site" -name '*.a' -type f -delete
    for package in h5py matplotlib numba numpy pandas scipy sklearn skimage sympy networkx anndata zarr; do
        [ ! -d "$site/$package" ] || find "$site/$package" -type d -name tests -prune -exec rm -rf {} +
    done
    find "$prefix" -name __pycache__ -type d -prune -exec rm -rf {} +
}

add_bill_of_materials() { # CycloneDX, of the Python packages that stayed; the distribution's are in its package database
    add_tools
    mkdir -p "$prefix/share/doc/clrna"
    "$work/tools/bin/cyclonedx-py" environment --output-reproducible --of JSON -o "$prefix/share/doc/clrna/sbom.cdx.json" "$python"
    cp LICENSE "$prefix/share/doc/clrna/"
}

stamp() { # bytecode that depends on nothing but the source, and one time for every file
    status=0
    "$python" -m compileall -q --invalidation-mode unchecked-hash "$prefix/lib" > "$work/compile.log" 2>&1 || status=$?
    # Some packages carry templates and code of other Python versions that cannot be compiled; ours must be.
    [ "$status" = 0 ] || ! grep -q 'site-packages/clrna/' "$work/compile.log"
    find "$prefix" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

case $step in
    dependencies) install_dependencies ;;
    package)
        "$python" -m pip install --no-compile --no-deps --no-build-isolation .
        check_torch
        add_completion
        trim
        add_bill_of_materials
        "$prefix/bin/clrna-train" --version
        # What compiles as it is imported does so for this processor: not for the image.
        NUMBA_CACHE_DIR="$work/numba" "$python" -c 'import torch, numba, clrna.model.model_file, clrna.io.text.decimal_parser'
        stamp ;;
    *) echo "usage: install.sh dependencies|package cpu|cuda [TORCH_BACKEND]" >&2; exit 2 ;;
esac
