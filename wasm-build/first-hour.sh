#!/usr/bin/env bash
# What a new user does once the demo and the tests have run: installs the package beside an app, has tests written for it and runs them, plays
# a script to the app, and bundles the README's first program. In a folder whose name has a space, brackets and umlauts. The project has to be built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

project=$PWD
above=$(mktemp -d)
trap 'rm -rf "$above"' EXIT
folder="$above/mein Gerät ünï (1)"

say() { printf '==> [first hour, %ds] %s\n' "$SECONDS" "$*"; }

say "an app, and the package"
mkdir -p "$folder"
cp -r examples/epoll examples/event-loop examples/hardware "$folder"
rm -rf "$folder"/*/build "$folder"/*/*.test.ts
npm pack --silent --ignore-scripts --pack-destination "$folder" >/dev/null
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund ./sphere-iot-*.tgz \
  jest@"$(node -p "require('$project/package.json').devDependencies.jest")" \
  esbuild@"$(node -p "require('$project/package.json').devDependencies.esbuild")"

say "init-tests, and its tests"
npx sphere-iot init-tests epoll
npx jest --ci epoll

say "a script of commands"
npx sphere-iot run event-loop --script event-loop/scenario.txt | tail -n 3

say "a bundle of the README's first program"
sed -n '/^```js$/,/^```$/{/^```$/q;/^```/d;p}' "$project/README.md" >main.mjs
npx esbuild main.mjs --bundle --platform=node --format=esm --outfile=bundle/main.mjs --log-level=error \
  "--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
mv bundle "$above"
rm -r node_modules
[ "$(node "$above/bundle/main.mjs")" = '{"temperature":21}' ]
say "passed"
