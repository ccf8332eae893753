# Sourced by scripts/setup: the two ways to a compiler that can build the Worker. docs/development.md says when which is taken.
# shellcheck shell=bash

WASM_TARGET=wasm32-unknown-unknown

setup_wasm() {
  if wasm_ready; then
    there "wasm toolchain ($(cat "$TOOLCHAIN/route"))"
  elif setup_wasm_by_rustup; then
    there "wasm toolchain (rustup)"
    echo rustup >"$TOOLCHAIN/route"
  else
    note "  no rustup that can supply it; taking the distribution's compiler"
    setup_wasm_by_apt || die "no way to build for $WASM_TARGET on this machine" \
      "either: rustup target add $WASM_TARGET && rustup component add rust-src" \
      "or, on Debian or Ubuntu, as root: apt-get install rustc-web cargo-web rust-web-src rust-web-clippy lld-22" \
      "then run scripts/setup worker again; the logs are in .toolchain/log"
    echo apt >"$TOOLCHAIN/route"
  fi
}

# wasm_ready: the wrappers answer for a compiler that still has the target and the source of std.
wasm_ready() {
  [ -e "$TOOLCHAIN/route" ] && [ -x "$TOOLCHAIN/bin/rustc" ] && has_wasm_std "$TOOLCHAIN/bin/rustc"
}

# has_wasm_std RUSTC
has_wasm_std() {
  [ -d "$("$1" --print target-libdir --target "$WASM_TARGET" 2>/dev/null)" ] &&
    [ -e "$("$1" --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ]
}

setup_wasm_by_rustup() {
  have rustup && have cargo || return 1
  if ! has_wasm_std rustc; then
    step "rustup target $WASM_TARGET" limited 300 rustup target add "$WASM_TARGET" || return 1
    step "rustup component rust-src" limited 300 rustup component add rust-src || return 1
  fi
  write_wrappers "$(command -v cargo)" "$(command -v rustc)"
  rm -f "$TOOLCHAIN/environment" # of an earlier set-up by apt
  has_wasm_std "$TOOLCHAIN/bin/rustc"
}

# The distribution has the compiler and the source of std, but no std for wasm. It is built once, into .toolchain, from that
# source; nothing is written under /usr except by apt.
setup_wasm_by_apt() {
  local llvm
  if ! apt_compiler_there; then
    step "apt: rustc-web cargo-web rust-web-src rust-web-clippy" \
      apt_install rustc-web cargo-web rust-web-src rust-web-clippy || return 1
  fi
  APT_RUSTC=$(packaged rustc-web bin/rustc) && APT_CARGO=$(packaged cargo-web bin/cargo) || return 1
  APT_RUSTLIB=$($APT_RUSTC --print sysroot)/lib/rustlib
  llvm=$($APT_RUSTC -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p') # the linker must be of the compiler's LLVM
  have "wasm-ld-$llvm" || step "apt: lld-$llvm" apt_install "lld-$llvm" || return 1
  write_wrappers "$APT_CARGO" "$APT_RUSTC" --sysroot "'$TOOLCHAIN'"
  write_apt_environment "wasm-ld-$llvm"
  step "std for $WASM_TARGET, from source" build_wasm_std
}

apt_compiler_there() {
  have dpkg && packaged rustc-web bin/rustc >/dev/null && packaged cargo-web bin/cargo >/dev/null &&
    packaged rust-web-clippy bin/clippy-driver >/dev/null && dpkg -s rust-web-src >/dev/null 2>&1
}

# packaged PACKAGE SUFFIX: the first path, in an installed package, that ends so.
packaged() {
  dpkg -L "$1" 2>/dev/null | awk -v end="/$2" '
    !found && substr($0, length($0) - length(end) + 1) == end { print; found = 1 }
    END { exit !found }'
}

# The two variables for clippy: its driver is its own compiler and has to be told our sysroot.
write_apt_environment() {
  cat >"$TOOLCHAIN/environment" <<W
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$1
export WASM_CLIPPY=$(packaged rust-web-clippy bin/cargo-clippy)
W
}

build_wasm_std() {
  local host out=$TOOLCHAIN/lib/rustlib/$WASM_TARGET/lib work
  host=$($APT_RUSTC -vV | sed -n 's/^host: //p')
  mkdir -p "$out"
  ln -sfn "$APT_RUSTLIB/$host" "$TOOLCHAIN/lib/rustlib/$host"
  ln -sfn "$APT_RUSTLIB/src" "$TOOLCHAIN/lib/rustlib/src"
  work=$(mktemp -d)
  mkdir "$work/src"
  : >"$work/src/lib.rs"
  printf '[package]\nname = "stub"\nversion = "0.0.0"\nedition = "2024"\n' >"$work/Cargo.toml"
  # `test` makes `cargo test` link for this target; the bitcode is what `lto = true` reads.
  (cd "$work" && CARGO_TARGET_DIR=$work/target RUSTFLAGS=-Cembed-bitcode=yes \
    limited 1800 "$TOOLCHAIN/bin/cargo" +nightly build --release -Zbuild-std=std,panic_abort,test --target "$WASM_TARGET") || return 1
  cp "$work/target/$WASM_TARGET/release/deps/"*.rlib "$out/" && rm -f "$out"/libstub*
  rm -rf "$work"
}
