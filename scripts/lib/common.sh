# Sourced by every script here: strict mode, the repository's root, messages.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT"
# shellcheck source=../versions.env
. "$ROOT/scripts/versions.env"
TOOLCHAIN=$ROOT/.toolchain
# Where the Worker is built to; wrangler.toml names the first, `scripts/run worker` the second.
WORKER_RELEASE=$ROOT/build/release
WORKER_DEV=$ROOT/build/dev
# With the routes of the test build, which no release has.
# shellcheck disable=SC2034 # for whoever sources this
WORKER_TEST=$ROOT/build/test

note() { printf '%s\n' "$*" >&2; }

die() {
  note "error: $1"
  shift
  for line in "$@"; do note "       $line"; done
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# version_at_least HAVE WANTED: compares dotted numbers.
version_at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# usage FILE: prints the comment block at the top of a script, which is its help.
usage() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p;}' "$1"; }
