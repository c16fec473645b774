#!/bin/sh
# Installs the Lambda executor into the container's LocalStack; compose.yaml mounts both.
set -eu
rm -rf /tmp/flotilla-executor
cp -r /opt/flotilla-executor /tmp/flotilla-executor
exec /opt/code/localstack/.venv/bin/python -m pip install --no-deps --no-build-isolation \
    --no-input --disable-pip-version-check /tmp/flotilla-executor
