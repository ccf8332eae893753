# Sourced: where the Worker's build tools are, and the environment that makes them agree.
# shellcheck shell=bash

# find_tool NAME VERSION: prints the path of a tool of exactly this version, ours first, then whatever PATH has.
find_tool() {
  local candidate
  while read -r candidate; do
    [ -x "$candidate" ] || continue
    case " $("$candidate" --version 2>/dev/null) " in *[[:space:]]"$2"[[:space:]]*) echo "$candidate"; return 0 ;; esac
  done < <(echo "$TOOLCHAIN/cargo/bin/$1"; type -ap "$1")
  return 1
}

# worker_environment: exports what worker-build needs, or says which set-up step is missing. It downloads nothing: with the three
# *_BIN variables set, worker-build takes its helpers from here instead of fetching them.
worker_environment() {
  local remedy="run: scripts/setup worker"
  [ -x "$TOOLCHAIN/bin/cargo" ] || die "the wasm toolchain is not set up" "$remedy"
  WORKER_BUILD=$(find_tool worker-build "$WORKER_BUILD_VERSION") || die "worker-build $WORKER_BUILD_VERSION is missing" "$remedy"
  WASM_BINDGEN_BIN=$(find_tool wasm-bindgen "$WASM_BINDGEN_VERSION") || die "wasm-bindgen $WASM_BINDGEN_VERSION is missing" "$remedy"
  WASM_OPT_BIN=$ROOT/node_modules/.bin/wasm-opt
  ESBUILD_BIN=$ROOT/node_modules/.bin/esbuild
  [ -x "$WASM_OPT_BIN" ] && [ -x "$ESBUILD_BIN" ] || die "the npm tools are missing" "$remedy"
  export WORKER_BUILD WASM_BINDGEN_BIN WASM_OPT_BIN ESBUILD_BIN
  wasm_cargo_environment
}

# wasm_cargo_environment: puts the wrappers of .toolchain/bin first, and a linker where the compiler brings none.
wasm_cargo_environment() {
  [ -x "$TOOLCHAIN/bin/cargo" ] || die "the wasm toolchain is not set up" "run: scripts/setup worker"
  unset RUSTUP_TOOLCHAIN RUSTC
  export PATH=$TOOLCHAIN/bin:$PATH
  if [ -e "$TOOLCHAIN/environment" ]; then
    # shellcheck source=/dev/null
    . "$TOOLCHAIN/environment"
  fi
}

# write_wrappers CARGO RUSTC [RUSTC-FLAG…]: makes .toolchain/bin.
#
# worker-build --panic-unwind asks for `cargo +nightly -Z build-std`. Nothing it does needs a nightly: the wrappers drop `+nightly`
# and let the compiler at hand accept -Z. So one compiler builds everything, and no floating nightly enters the build.
write_wrappers() {
  local cargo=$1 rustc=$2
  shift 2
  mkdir -p "$TOOLCHAIN/bin"
  write_script rustc <<W
#!/bin/sh
case "\${1-}" in +*) shift ;; esac
exec "$rustc" $* "\$@"
W
  write_script cargo <<W
#!/bin/sh
[ "\${1-}" = +nightly ] && export RUSTC_BOOTSTRAP=1
case "\${1-}" in +*) shift ;; esac
export RUSTC="$TOOLCHAIN/bin/rustc"
exec "$cargo" "\$@"
W
  # worker-build asks rustup only whether the source of std is there; set-up has seen to that.
  write_script rustup <<'W'
#!/bin/sh
case "$*" in
  *"component list"*) echo "rust-src (installed)" ;;
  *) echo "set-up is done by scripts/setup, not by: rustup $*" >&2; exit 1 ;;
esac
W
}

write_script() {
  cat >"$TOOLCHAIN/bin/$1.new"
  chmod +x "$TOOLCHAIN/bin/$1.new"
  mv "$TOOLCHAIN/bin/$1.new" "$TOOLCHAIN/bin/$1"
}

# worker_is_current: no source is newer than the release build.
worker_is_current() { is_current "$WORKER_RELEASE"; }

# test_worker_is_current: nor than the test build.
test_worker_is_current() { is_current "$WORKER_TEST"; }

# is_current FOLDER
is_current() {
  [ -e "$1/index.js" ] &&
    [ -z "$(find src handlers Cargo.toml Cargo.lock -newer "$1/index.js" -type f | head -n 1)" ]
}
