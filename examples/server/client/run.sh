#!/usr/bin/env bash
# A public OData client of another language against the server. Says so when it is skipped.
#   run.sh [SERVER]     the program; else it is built
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$here/.venv/bin/python" ] || { echo "OData client test: skipped, python-odata is not installed; client/install.sh does that"; exit 0; }
server=${1:-}
if [ -z "$server" ]; then
  cargo build --locked --quiet --manifest-path "$here/../Cargo.toml" --example server
  server=$(cargo metadata --format-version 1 --no-deps --manifest-path "$here/../Cargo.toml" |
    "$here/.venv/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/debug/examples/server
fi
exec "$here/.venv/bin/python" "$here/test.py" "$server"
