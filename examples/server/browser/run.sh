#!/usr/bin/env bash
# The browser test: starts the server with made-up runs and drives its page. Says so when it is skipped: without Node.js, without
# playwright-core (install.sh brings it) or without Chromium.
#   run.sh [SERVER]     the program; else it is built
#   SHOTS=DIR run.sh    also keeps the pictures of docs/screenshots there
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
browser=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
skip() { echo "browser test: skipped, $1"; exit 0; }
command -v node >/dev/null || skip "there is no Node.js"
[ -d "$here/node_modules/playwright-core" ] || skip "playwright-core is not installed; browser/install.sh does that"
[ -n "$browser" ] || skip "there is no Chromium; browser/install.sh brings it"
server=${1:-}
if [ -z "$server" ]; then
  cargo build --locked --quiet --manifest-path "$here/../Cargo.toml" --example server
  server=$(cargo metadata --format-version 1 --no-deps --manifest-path "$here/../Cargo.toml" |
    node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync(0)).target_directory)')/debug/examples/server
fi
CHROMIUM=$browser SERVER=$server exec node --test --test-reporter=spec "$here/page.test.mjs"
