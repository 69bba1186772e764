#!/bin/sh
# Run inside an image build, from the sources, in two steps so that a change of the code repeats the second only:
#   install.sh dependencies cpu|cuda [INDEX_OF_TORCH]     what the package needs, into the environment /opt/clrna
#   install.sh package cpu|cuda                           the package, completion, bill of materials; then trim and stamp
# The build fails if torch is not of the kind that the image promises.
# LOCK names a lock with hashes that is used in place of the constraints.
set -eu

step=$1
kind=$2
torch_index=${3:-}
prefix=/opt/clrna
python=$prefix/bin/python
sbom_tool=cyclonedx-bom==7.5.0
export PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1
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

check_torch() {
    "$python" - "$kind" <<'CHECK'
import sys, torch
found = "cuda" if torch.version.cuda else "cpu"
if found != sys.argv[1]:
    sys.exit(f"torch {torch.__version__} is a {found} build, this image is for {sys.argv[1]}; name an index that has it")
print(f"torch {torch.__version__}, CUDA {torch.version.cuda or 'none'}")
CHECK
}

install_dependencies() {
    if [ -n "${LOCK:-}" ]; then
        # Hashes decide what is taken, so a second index can do no harm.
        "$python" -m pip install --no-compile --require-hashes --no-deps ${torch_index:+--extra-index-url "$torch_index"} --requirement "$LOCK"
    else
        torch=torch
        # Where both lie in reach, pip prefers 2.0+cpu to 2.0.
        [ "$kind" != cuda ] || torch="torch!=$(sed -n 's/^torch==//p' constraints.txt)+cpu"
        "$python" -m pip install --no-compile --no-deps --constraint constraints.txt ${torch_index:+--index-url "$torch_index"} "$torch"
        requirements > /tmp/requirements.txt
        "$python" -m pip install --no-compile --constraint constraints.txt --requirement /tmp/requirements.txt
        rm /tmp/requirements.txt
    fi
    "$python" -m pip check
    check_torch
}

add_completion() {
    mkdir -p "$prefix/share/bash-completion/completions" "$prefix/share/zsh/site-functions"
    for name in fetch normalize train encode baseline score plot; do
        "$prefix/bin/clrna-$name" --print-completion bash > "$prefix/share/bash-completion/completions/clrna-$name"
        "$prefix/bin/clrna-$name" --print-completion zsh > "$prefix/share/zsh/site-functions/_clrna-$name"
        test -s "$prefix/share/man/man1/clrna-$name.1"
    done
}

add_bill_of_materials() { # CycloneDX, of the Python packages; the distribution's own are in its package database
    python3 -m venv /tmp/sbom
    /tmp/sbom/bin/pip install --quiet --no-compile "$sbom_tool"
    mkdir -p "$prefix/share/doc/clrna"
    /tmp/sbom/bin/cyclonedx-py environment --output-reproducible --of JSON -o "$prefix/share/doc/clrna/sbom.cdx.json" "$python"
    rm -rf /tmp/sbom
    cp LICENSE "$prefix/share/doc/clrna/"
}

trim() { # headers, static libraries, test suites and pip are of no use in an image whose root is read-only
    site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    "$python" -m pip uninstall --yes --quiet argparse-manpage pip
    rm -rf "$site/torch/include" "$site/torch/test" "$site/torch/share/cmake" "$site/pyarrow/include" "$site/pyarrow/tests"
    find "$site/torch/bin" -type f ! -name torch_shm_manager -delete
    find "$site" -name '*.a' -type f -delete
    for package in h5py matplotlib numba numpy pandas scipy sklearn skimage statsmodels sympy networkx anndata scanpy zarr; do
        [ ! -d "$site/$package" ] || find "$site/$package" -type d -name tests -prune -exec rm -rf {} +
    done
    find "$prefix" -name __pycache__ -type d -prune -exec rm -rf {} +
}

stamp() { # bytecode that depends on nothing but the source, and one time for every file
    status=0
    "$python" -m compileall -q --invalidation-mode unchecked-hash "$prefix/lib" > /tmp/compile.log 2>&1 || status=$?
    # Some packages carry templates and code of other Python versions that cannot be compiled; ours must be.
    [ "$status" = 0 ] || ! grep -q 'site-packages/clrna/' /tmp/compile.log
    rm -f /tmp/compile.log
    find "$prefix" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

case $step in
    dependencies) install_dependencies ;;
    package)
        "$python" -m pip install --no-compile --no-deps --no-build-isolation .
        check_torch
        add_completion
        add_bill_of_materials
        trim
        "$prefix/bin/clrna-train" --version
        # UMAP compiles as it is imported, for this processor: not for the image.
        NUMBA_CACHE_DIR=/tmp/numba "$python" -c 'import torch, scanpy, umap, clrna.model.model_file'
        rm -rf /tmp/numba
        stamp ;;
    *) echo "usage: install.sh dependencies|package cpu|cuda [INDEX]" >&2; exit 2 ;;
esac
