# Sourced by scripts/setup: running a step with a line of progress, and becoming root when a package must be installed.
# shellcheck shell=bash

# step WHAT COMMAND…: one line with the elapsed seconds; on failure the end of the command's output, and a non-zero status.
step() {
  local what=$1 started=$SECONDS log status=0
  shift
  log=$TOOLCHAIN/log/$(printf '%s' "$what" | tr -c 'A-Za-z0-9.\n' '-').log
  mkdir -p "$TOOLCHAIN/log"
  printf '  %-56s ' "$what" >&2
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ "$status" = 0 ]; then
    note "ok, $((SECONDS - started)) s"
  else
    note "failed after $((SECONDS - started)) s"
    tail -n 15 "$log" | sed 's/^/    | /' >&2
  fi
  return "$status"
}

# there WHAT: the line for something that needs no work.
there() { printf '  %-56s there\n' "$1" >&2; }

# limited SECONDS COMMAND…: ends a command that is stuck, where the system can. In the foreground, so that Ctrl-C reaches it.
limited() {
  if have timeout; then timeout --foreground "$@"; else shift && "$@"; fi
}

APT_LIMIT=900

# as_root COMMAND…: needs root, or a sudo that does not ask for a password.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    limited "$APT_LIMIT" "$@"
  elif have sudo && sudo -n true 2>/dev/null; then
    limited "$APT_LIMIT" sudo -n "$@"
  else
    echo "needs root: sudo $*"
    return 1
  fi
}

# apt_install PACKAGE…: the lists are refreshed once a run.
apt_install() {
  have apt-get || { echo "this system has no apt-get; install by its own means: $*"; return 1; }
  if [ -z "${APT_UPDATED-}" ]; then
    as_root apt-get update || return 1
    APT_UPDATED=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}
