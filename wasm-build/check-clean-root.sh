#!/usr/bin/env bash
# Checks the set-up on a clean Debian, without docker: makes a root by debootstrap, sets the project up in it, runs the
# demo there twice, tests, and what else a new user does (first-hour.sh), and removes the root again.
#   trixie    does what the Dockerfile says, instruction by instruction
#   bookworm  a new machine with Node and npm (this machine's) and nothing else, in a folder whose name has more than letters: the
#             scripts' own set-up gets the rest
# What passed is kept by its content in a cache, and not checked again; so are Debian's packages, for a week.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

cache=${SPHERE_IOT_CLEAN_ROOT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sphere-iot/clean-root}
# Builds, apps and every kind of connection; with --all, everything.
smoke=(test/app test/scenarios test/wasm-build)
# The exit code where no Debian root can be made, and nothing is known of the project.
readonly NO_ROOT=77

usage() {
  echo "Usage: sudo wasm-build/check-clean-root.sh [--all] [trixie|bookworm] [FOLDER]"
  echo "The root is made in FOLDER, which stays, or in a temporary folder, which doesn't."
  echo "--all runs all tests, not only those of ${smoke[*]}."
  echo "What passed before is in \$SPHERE_IOT_CLEAN_ROOT_CACHE, by default in ${cache/#$HOME/\~}."
  echo "Exit code $NO_ROOT: this machine can't make a Debian root."
}

say() { printf '==> [%s, %ds] %s\n' "$suite" "$SECONDS" "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

no_root() {
  echo "check-clean-root: $suite was not checked: $*"
  exit $NO_ROOT
}

install_tools() {
  say "installing debootstrap, git and tar"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap git tar util-linux; } >/dev/null ||
    no_root "apt-get can't install debootstrap, git, tar and util-linux"
}

# ---- what passed, by its content

# The hash of all that counts: what git knows and would know, less docs/; the Debian; for bookworm, whose Node is this machine's, that.
content_key() {
  (
    cd "$project"
    project_files | grep -zv '^docs/' | xargs -0 sha256sum
    if [ "$suite" = bookworm ]; then node --version; fi
  ) | sha256sum | cut -d ' ' -f 1
}

project_files() {
  git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done
}

# All tests passed, or those that are asked for.
has_passed() { [ -e "$cache/passed/$1-all" ] || { [ "$tests" = smoke ] && [ -e "$cache/passed/$1-smoke" ]; }; }

# ---- outside: the folder, and namespaces of its own, so that no mount and no process outlives the check

outside() {
  suite=trixie tests=smoke
  if [ "${1-}" = --all ]; then tests=all && shift; fi
  case "${1-}" in
    trixie | bookworm) suite=$1 && shift ;;
    -h | --help) usage && exit ;;
  esac
  [ $# -le 1 ] || { usage >&2 && exit 2; }
  [ "$(id -u)" = 0 ] || no_root "only root can: sudo ${BASH_SOURCE[0]} $suite"
  for command in debootstrap git tar unshare; do
    command -v "$command" >/dev/null || install_tools
  done
  local key
  key=$suite-$(content_key)
  if has_passed "$key"; then say "passed before, with the same content" && exit; fi
  if [ $# = 1 ]; then
    mkdir -p "$1"
    [ -z "$(ls -A "$1")" ] || fail "$1 is not empty."
    folder=$(cd "$1" && pwd)
    trap 'rm -rf "$folder/context" "$folder/root"/{root,etc/skel,home/*}/{.npmrc,.cargo/config.toml}' EXIT
  else
    folder=$(mktemp -d)
    trap 'rm -rf --one-file-system "$folder"' EXIT
  fi
  unshare --mount --pid --fork true 2>/dev/null || no_root "unshare may not make namespaces"
  unshare --mount --pid --fork --kill-child bash "${BASH_SOURCE[0]}" --inside "$suite" "$folder" "$tests" </dev/null &
  child=$!
  trap 'kill -KILL "$child"; sleep 1; exit 130' INT TERM HUP
  wait "$child"
  mkdir -p "$cache/passed" && touch "$cache/passed/$key-$tests"
}

# ---- inside

inside() {
  suite=$1 folder=$2 tests=$3 root=$2/root log=$2/log user=root directory=/
  trap '[ $? = 0 ] || { [ ! -s "$log" ] || tail -n 40 "$log" >&2; }' EXIT
  mount --make-rprivate / || no_root "mount is not allowed"
  copy_context
  make_root
  mount -t proc proc "$root/proc" || no_root "mount is not allowed"
  mount -t tmpfs tmpfs "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts" && ln -sf pts/ptmx "$root/dev/ptmx"
  printf '#!/bin/sh\nexit 101\n' | install -m 755 /dev/stdin "$root/usr/sbin/policy-rc.d" # no services, as in docker
  copy_client_configuration
  if [ "$suite" = trixie ]; then follow_dockerfile; else make_new_machine; fi
  run_demo_twice
  run_tests
  run_first_hour
  say "passed"
}

# What debootstrap makes, and the packages that apt got, stay in the cache for a week.
make_root() {
  local week packages bare
  week=$suite-$(date +%G-%V)
  bare=$cache/$week.tar packages=$cache/$week-packages
  mkdir -p "$cache" "$packages" "$root"
  find "$cache" -maxdepth 1 -name "$suite-*" ! -name "$week*" -exec rm -rf {} +
  if [ ! -e "$bare" ]; then
    say "debootstrap"
    logged debootstrap --variant=minbase "$suite" "$root" || no_root "debootstrap can't make it: $(tail -n 1 "$log")"
    tar -c -C "$root" --exclude='./var/cache/apt/archives/*.deb' . >"$bare.unfinished" && mv "$bare.unfinished" "$bare"
  else
    say "debootstrap's root of this week"
    tar -x -p -f "$bare" -C "$root"
  fi
  # What docker's images have for apt would delete the packages.
  mount --bind "$packages" "$root/var/cache/apt/archives" || no_root "mount is not allowed"
}

logged() { "$@" >>"$log" 2>&1; }

# The files of a clean clone, with what is not committed yet, less what .dockerignore leaves out.
copy_context() {
  context=$folder/context
  mkdir -p "$context"
  local ignored=$folder/ignored
  grep -v '^#' "$project/.dockerignore" >"$ignored"
  (
    cd "$project"
    project_files |
      tar -c --null --no-recursion --anchored --exclude-from="$ignored" -T - | tar -x --no-same-owner -C "$context"
  )
}

# Package clients work in the root as they do on this machine: name service, proxies, certificates, registries.
copy_client_configuration() {
  local file
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
  for file in /etc/apt/apt.conf.d/*; do
    if grep -qs '^Acquire::' "$file"; then cp "$file" "$root/etc/apt/apt.conf.d/"; fi
  done
  mkdir -p "$root/usr/local/share/ca-certificates" "$root/etc/ssl/certs"
  cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
  for home in "$root/root" "$root/etc/skel"; do # new users get what is in skel
    [ ! -f ~/.npmrc ] || install -m 600 ~/.npmrc "$home/.npmrc"
    [ ! -f "${CARGO_HOME:-$HOME/.cargo}/config.toml" ] ||
      install -D -m 600 "${CARGO_HOME:-$HOME/.cargo}/config.toml" "$home/.cargo/config.toml"
  done
}

# Runs a shell command in the root as the user and in the directory that hold there.
in_root() {
  local name uid gid home kept=()
  IFS=: read -r _ _ uid gid _ home _ < <(grep "^$user:" "$root/etc/passwd")
  for name in {http,https,no,all}_proxy {HTTP,HTTPS,NO,ALL}_PROXY SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS; do
    [ -z "${!name-}" ] || kept+=("$name=${!name}")
  done
  chroot --userspec="$uid:$gid" --groups="$gid" "$root" \
    env -i HOME="$home" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${kept[@]}" \
    sh -c "cd '$directory' && $1" </dev/null
}

# ---- Debian 13: the Dockerfile

follow_dockerfile() {
  local instruction arguments
  while read -r instruction arguments; do
    say "$instruction $arguments"
    case $instruction in
      FROM) [ "$arguments" = "debian:$suite-slim" ] || fail "The Dockerfile is not from debian:$suite-slim." ;;
      RUN) logged in_root "$arguments" ;;
      USER) user=$arguments ;;
      WORKDIR) directory=$arguments && mkdir -p "$root$directory" ;;
      COPY) copy $arguments ;;
      CMD) demo=$(tr -d '[],"' <<<"$arguments") ;;
      *) fail "This script can't do $instruction." ;;
    esac
  done < <(sed -e '/^ *#/d' -e '/^ *$/d' "$project/Dockerfile" | sed -e ':more' -e '/\\$/{N;s/ *\\\n */ /;b more' -e '}')
}

# COPY [--chown=USER:GROUP] SOURCE… TARGET
copy() {
  local owner=root source target uid gid arguments=("$@")
  if [[ $1 = --chown=* ]]; then owner=${1#--chown=} && owner=${owner%:*} && arguments=("${@:2}"); fi
  IFS=: read -r _ _ uid gid _ < <(grep "^$owner:" "$root/etc/passwd")
  target=${arguments[-1]}
  if [[ $target = /* ]]; then target=$root$target; else target=$root$directory/$target; fi
  [ -d "$target" ] || install -d -o "$uid" -g "$gid" "$target"
  for source in "${arguments[@]::${#arguments[@]}-1}"; do
    local from what=.
    if [ -d "$context/$source" ]; then from=$context/$source; else from=$(dirname "$context/$source") what=$(basename "$source"); fi
    tar -c -C "$from" --owner=":$uid" --group=":$gid" "$what" |
      tar -x -C "$target" --same-owner --no-overwrite-dir
  done
}

# ---- Debian 12: a new machine

make_new_machine() {
  local node npm
  node=$(readlink -f "$(command -v node)")
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  say "node $(node --version) and npm from this machine"
  install -D "$node" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -r "$npm" "$root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
  # An installed Debian has these two as well.
  sed -E "s/ $suite main/ $suite-updates main/p; s|/debian/? .*|/debian-security $suite-security main|" \
    "$root/etc/apt/sources.list" >"$folder/sources.list"
  cat "$folder/sources.list" >>"$root/etc/apt/sources.list"
  directory='/opt/mein Gerät ünï (1)/sphere-iot' demo='npm run demo'
  mkdir -p "$root$(dirname "$directory")"
  cp -r "$context" "$root$directory"
}

# ---- what has to hold

run_demo_twice() {
  local output=$folder/demo run
  for run in first second; do
    say "$demo, the $run time"
    local started=$SECONDS
    in_root "$demo" >"$output.$run" 2>&1 || { cat "$output.$run" >&2 && fail "The $run run failed."; }
    echo "    $((SECONDS - started)) s; it ends with:"
    tail -n 2 "$output.$run" | sed 's/^/    /'
    ! grep -q $'\x1b' "$output.$run" || fail "There are escape codes in the $run run's output, which is no terminal."
    tail -n 1 "$output.$run" | grep -qE '^[0-9:.]+ +device +closed$' || fail "The $run run's last line is not the demo's."
  done
  ! grep '^==>' "$output.second" >&2 || fail "The second run built something again."
  local wasm=$root$directory/dist/sphere-iot.wasm
  say "sphere-iot.wasm, $(in_root 'emcc --version' | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1):" \
    "$(stat -c %s "$wasm") bytes, $(gzip -9c "$wasm" | wc -c) gzipped"
}

# As after the demo on a machine of one's own: who may not install what the tests need, has the Dockerfile's list. None is skipped, but by
# an ordinary user those that mount something, or make a namespace.
run_tests() {
  local command='npm test -- --ci --json --outputFile=build/tests.json' started=$SECONDS mounting='(state-full|state-lock|emulate)'
  if [ "$tests" = smoke ]; then command+=" ${smoke[*]}"; fi
  say "$command"
  in_root "$command" >"$folder/tests" 2>&1 || { tail -n 200 "$folder/tests" >&2 && grep -E '^(FAIL|  ●)' "$folder/tests" >&2 && fail "The tests failed."; }
  echo "    $((SECONDS - started)) s; it ends with:"
  grep -E '^Test(s| Suites):' "$folder/tests" | sed 's/^/    /'
  [ "$user" != root ] || mounting='(none)'
  grep -vE "^$|/$mounting\.test\.ts$" <<<"$(suites_with_skipped_tests)" >&2 || return 0
  fail "Tests were skipped."
}

suites_with_skipped_tests() {
  in_root 'node -p "require(\"./build/tests.json\").testResults.filter((suite) => suite.assertionResults.some((each) => each.status === \"pending\")).map((suite) => suite.name).join(\"\\n\")"'
}

# What comes after: the package, tests for an app, a script of commands, a bundle.
run_first_hour() {
  say "wasm-build/first-hour.sh"
  in_root wasm-build/first-hour.sh >"$folder/first-hour" 2>&1 || { tail -n 100 "$folder/first-hour" >&2 && fail "The first hour failed."; }
  grep '^==> ' "$folder/first-hour" | sed 's/^/    /'
}

if [ "${1-}" = --inside ]; then inside "$2" "$3" "$4"; else outside "$@"; fi
