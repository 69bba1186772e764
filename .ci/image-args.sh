# Sourced by .ci/run where images are built on a machine that reaches no image registry: sets BUILDER and BUILD_ARGS
# for containers/build.sh from the engine scripts in $ENGINES, and the host's own pip settings.
. "$ENGINES/containers/pip-settings.sh"
export CONTAINERS_CONF=${CONTAINERS_CONF:-$ENGINES/containers/conf/containers.conf}
image_tmp=$(mktemp -d)
host_ca=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
pip_conf /run/host-ca.crt > "$image_tmp/pip.conf"
BUILDER="buildah"
BUILD_ARGS="--isolation chroot --pull-never --network host --layers=false -v $host_ca:/run/host-ca.crt:ro -v $image_tmp/pip.conf:/etc/pip.conf:ro"
while read -r folder; do BUILD_ARGS="$BUILD_ARGS -v $folder:$folder:ro"; done < <(pip_dirs)
export BUILDER BUILD_ARGS
