# Sourced by .ci/containers on a machine that reaches no image registry: sets, from the engine scripts in $ENGINES and
# the host's own pip settings, BUILDER, BUILD_ARGS, SIF_BUILDER, SIF_BUILD_ARGS for containers/build.sh and RUNTIME,
# SIF_RUNTIME for containers/test.sh. IMAGE_KIND=cuda leaves out the folders on disk that hold a torch without CUDA.
# shellcheck shell=bash disable=SC1091
. "$ENGINES/containers/pip-settings.sh"
export CONTAINERS_CONF=${CONTAINERS_CONF:-$ENGINES/containers/conf/containers.conf}
image_tmp=$(mktemp -d "${TMPDIR:-/tmp}/clrna-image-args.XXXXXX")
host_ca=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}

# For an image: pip's settings come in as a mount, folders under their own path.
pip_conf /run/host-ca.crt > "$image_tmp/pip.conf"
if [ "${IMAGE_KIND:-cpu}" = cuda ]; then sed -i '/^find-links/d' "$image_tmp/pip.conf"; fi
BUILDER=buildah
BUILD_ARGS="--isolation chroot --pull-never --network host --layers=false --build-arg TORCH_BACKEND="
BUILD_ARGS="$BUILD_ARGS -v $host_ca:/run/host-ca.crt:ro -v $image_tmp/pip.conf:/etc/pip.conf:ro"
while read -r folder; do BUILD_ARGS="$BUILD_ARGS -v $folder:$folder:ro"; done < <(pip_dirs)
RUNTIME=podman
RUNTIME_ARGS=--pull=never
SIF_RUNTIME=$PWD/.ci/apptainer-as-user

# For a SIF: over /mnt, since the target of a bind cannot be made while an image is built.
mkdir -p "$image_tmp/mnt" "$image_tmp/cache" "$image_tmp/tmp"
cp -L "$host_ca" "$image_tmp/mnt/ca.crt"
SIF_BUILD_ARGS="--bind $image_tmp/mnt:/mnt --build-arg TORCH_BACKEND= --build-arg BOOTSTRAP=docker-archive --build-arg BASE_IMAGE=$image_tmp/base.tar"
number=0 moves='' BINDS=$image_tmp
while read -r folder; do
    number=$((number + 1)); mkdir "$image_tmp/mnt/$number"
    SIF_BUILD_ARGS="$SIF_BUILD_ARGS --bind $folder:/mnt/$number"; moves="$moves;s#$folder#/mnt/$number#g"; BINDS="$BINDS $folder"
done < <(pip_dirs | awk '{print length, $0}' | sort -rn | cut -d' ' -f2-)
pip_conf /mnt/ca.crt "$moves" > "$image_tmp/mnt/pip.conf"
APPTAINERENV_PIP_CONFIG_FILE=/mnt/pip.conf APPTAINER_CACHEDIR=$image_tmp/cache APPTAINER_TMPDIR=$image_tmp/tmp
APPTAINER_MKSQUASHFS_ARGS="-comp lz4" # quick to write; the SIF is larger than a released one
SIF_BUILDER="$ENGINES/containers/full-caps.sh $ENGINES/containers/apptainer"
export BUILDER BUILD_ARGS SIF_BUILDER SIF_BUILD_ARGS RUNTIME RUNTIME_ARGS SIF_RUNTIME BINDS APPTAINERENV_PIP_CONFIG_FILE APPTAINER_CACHEDIR APPTAINER_TMPDIR APPTAINER_MKSQUASHFS_ARGS
