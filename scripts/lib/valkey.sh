# Sourced by scripts/setup: a Valkey beside the distribution's redis-server, for what Redis has from 7.2 on (`WAITAOF`). It is unpacked
# into .toolchain/valkey and installed nowhere, so that no service starts and nothing of the system changes.
# shellcheck shell=bash

VALKEY=$TOOLCHAIN/valkey
# The first with WAITAOF.
WAITAOF_SINCE=7.2

# server_version PROGRAM
server_version() { "$1" --version 2>/dev/null | sed -n 's/.* v=\([0-9.]*\) .*/\1/p'; }

# has_waitaof PROGRAM
has_waitaof() {
  local version
  have "$1" || return 1
  version=$(server_version "$1")
  [ -n "$version" ] && version_at_least "$version" "$WAITAOF_SINCE"
}

# waitaof_server: prints the server that the tests will take; tests/it/harness/redis_server.rs looks in the same order.
waitaof_server() {
  local program
  for program in "$VALKEY/valkey-server" valkey-server redis-server; do
    if has_waitaof "$program"; then echo "$program"; return 0; fi
  done
  return 1
}

setup_waitaof() {
  local program
  if program=$(waitaof_server); then there "a server with WAITAOF ($program $(server_version "$program"))"; return; fi
  step "valkey-server, unpacked into .toolchain" unpack_valkey && has_waitaof "$VALKEY/valkey-server" && return
  missing "no server with WAITAOF (Valkey, or Redis $WAITAOF_SINCE or newer): the tests that need it fail" \
    "install valkey-server from your distribution, or with: brew install valkey" \
    "a run that cannot have one says so with WITHOUT_WAITAOF=1, and the tests say that they were left out"
}

# From the suite of this release or from its backports, whichever has it, with whatever it needs and this machine lacks. The lists are fetched
# into a folder of their own: the system's stay as they are, and no root is needed.
unpack_valkey() {
  local apt=$VALKEY/apt package
  have apt-get && have dpkg || { echo "this system has no apt-get; install by its own means: valkey-server"; return 1; }
  rm -rf "$VALKEY"
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$VALKEY/root"
  suites_with_backports >"$apt/sources.list"
  [ -s "$apt/sources.list" ] || { echo "apt's sources name no suite of this release"; return 1; }
  own_apt "$apt" update || return 1
  own_apt "$apt" install -y --no-install-recommends --download-only valkey-server || return 1
  for package in "$apt"/archives/*.deb; do dpkg -x "$package" "$VALKEY/root" || return 1; done
  rm -rf "$apt"
  # `exec`: the process that is started is the server.
  cat >"$VALKEY/valkey-server" <<W2
#!/bin/sh
root=\$(dirname "\$0")/root
export LD_LIBRARY_PATH=\$root/usr/lib/$(multiarch):\$root/usr/lib:\$root/lib
exec "\$root/usr/bin/valkey-server" "\$@"
W2
  chmod +x "$VALKEY/valkey-server"
}

multiarch() { cc -print-multiarch 2>/dev/null || echo "$(uname -m)-linux-gnu"; }

# own_apt FOLDER COMMAND…
own_apt() {
  local folder=$1
  shift
  limited "$APT_LIMIT" apt-get -q -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$folder/lists" -o Dir::Cache::archives="$folder/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o Debug::NoLocking=1 -o APT::Sandbox::User= "$@"
}

# suites_with_backports: this release and its backports, from the mirror that the machine's own sources name, as lines of sources.list.
suites_with_backports() {
  local codename keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=""
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
  [ -n "$codename" ] || return 0
  [ "$(. /etc/os-release && echo "$ID")" != debian ] || [ ! -e "$keyring" ] || signed="[signed-by=$keyring] "
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
    while read -r uri release component; do
      [ "$release" = "$codename" ] || continue
      echo "deb $signed$uri $codename $component"
      echo "deb $signed$uri $codename-backports $component"
    done
}
