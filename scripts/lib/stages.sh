# Sourced by scripts/test: one function a stage, `stage_` and its name. Each ends non-zero on failure and says what to do when it
# cannot run.
# shellcheck shell=bash

# Of the compressed Worker, in bytes. The platform allows three million; what is loaded and compiled at a cold start should stay far below.
# docs/performance.md says where the bytes are.
SIZE_BUDGET=700000

stage_fmt() {
  needs_cargo
  cargo fmt --all --check
}

# The selection (the workspace's default members, all features) is the same in the four stages below, so that each dependency is
# compiled once.
stage_clippy() {
  needs_cargo
  cargo clippy --locked --all-targets --all-features -- -D warnings
  # No test runs the benchmarks: this keeps them in step with what they use.
  cargo clippy --locked -p render-signal-bench --all-targets -- -D warnings
}

stage_clippy_wasm() {
  wasm_cargo_environment
  local clippy=(cargo clippy)
  # The distribution's clippy is its own compiler: it is called by its path and told where std for wasm is.
  [ -z "${WASM_CLIPPY-}" ] || { clippy=("$WASM_CLIPPY" clippy); export SYSROOT=$TOOLCHAIN; }
  "${clippy[@]}" --locked --target wasm32-unknown-unknown -p render-signal -p render-signal-handlers -p render-signal-cloudflare -- -D warnings
  "${clippy[@]}" --locked --target wasm32-unknown-unknown -p render-signal-cloudflare --features test-build -- -D warnings
}

stage_doc() {
  needs_cargo
  RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --all-features --lib
}

stage_unit() {
  needs_cargo
  needs_redis
  cargo test --locked --all-features --lib --bins
  cargo test --locked --all-features --doc
}

stage_blackbox() {
  needs_cargo
  cargo test --locked --all-features --test it -- --list | grep -c ': test$' || die "the black-box suite holds no tests" "see tests/it"
  cargo test --locked --all-features --test it -- --skip redis::
}

# The same suite, each server on a Redis of its own. What is about one process on one disk, or about the pages, is not run twice. A killed
# server's leases run out by themselves here: some tests wait a minute, and more of them wait at once than there are cores.
stage_blackbox_redis() {
  needs_cargo
  needs_redis
  TEST_HOME=redis cargo test --locked --all-features --test it -- --skip native:: --skip docs:: --skip redis:: --test-threads=6
}

# The crowd of ten thousand mails has the machine for itself. Then all others at once: each waits for leases and for a Redis that is away, most
# of them for a minute or two.
stage_redis() {
  needs_cargo
  needs_redis
  cargo test --locked --all-features --test it redis::sharing::
  cargo test --locked --all-features --test it redis:: -- --skip redis::sharing:: --test-threads=24
}

# The same suite, its servers in workerd. What belongs to one home, to the pages or to a build of its own is not run twice. The tests mostly
# wait, for leases, limits and receivers: more at once than there are cores.
stage_blackbox_worker() {
  needs_cargo
  needs_npm
  worker_is_current || scripts/build-worker
  TEST_HOME=worker cargo test --locked --all-features --test it -- --skip native:: --skip docs:: --skip redis:: --skip differential:: --test-threads=6
}

stage_gmail() {
  needs_npm
  run_node_tests tests/gmail
  node_modules/.bin/tsc --noEmit -p scripts/gmail
}

stage_versions() { scripts/check-versions; }

stage_house() { scripts/check-house; }

stage_wasm() {
  local size
  scripts/build-worker
  size=$(cat "$WORKER_RELEASE/index_bg.wasm" "$WORKER_RELEASE/index.js" | gzip -9 | wc -c)
  echo "the Worker is $((size / 1000)) kB compressed, of $((SIZE_BUDGET / 1000)) kB"
  [ "$size" -le "$SIZE_BUDGET" ] || die "over the size budget by $((size - SIZE_BUDGET)) bytes" "what a dependency costs: cargo tree -p render-signal-cloudflare -e normal"
}

stage_workerd() {
  needs_npm
  worker_is_current || scripts/build-worker
  test_worker_is_current || scripts/build-worker --test
  run_node_tests tests/worker
}

# Memory against the Worker; `blackbox` has run it against the native server.
stage_differential() {
  needs_cargo
  needs_npm
  test_worker_is_current || scripts/build-worker --test
  TEST_HOME=worker WORKER_PROFILE=test cargo test --locked --all-features --test it differential::
}

# The routes of the test build give every mail to whoever asks: no release may hold them. Their path is searched for, first where it
# must be found, so that a search that finds nothing shows something.
stage_releases() {
  needs_cargo
  needs_npm
  local marker native=${CARGO_TARGET_DIR:-target}/debug/render-signal
  marker=$(sed -n 's/^pub const PREFIX: &str = "\(.*\)";$/\1/p' handlers/http/testing.rs)
  [ -n "$marker" ] || die "the path of the test routes is not where it was" "see handlers/http/testing.rs"
  worker_is_current || scripts/build-worker
  test_worker_is_current || scripts/build-worker --test
  cargo test --locked --all-features --test it --no-run
  holds "$native" "$marker" || die "the native test build does not hold $marker: the search proves nothing"
  holds "$WORKER_TEST/index_bg.wasm" "$marker" || die "the Worker's test build does not hold $marker: the search proves nothing"
  cargo build --locked -p render-signal-native
  ! holds "$native" "$marker" || die "the native server holds the routes of the test build"
  ! holds "$WORKER_RELEASE/index_bg.wasm" "$marker" || die "the Worker's release holds the routes of the test build"
  echo "$marker is in both test builds and in no other"
}

# holds FILE TEXT
holds() {
  [ -e "$1" ] || die "$1 is not there"
  LC_ALL=C grep -aqF -- "$2" "$1"
}

stage_deploy() {
  needs_npm
  worker_is_current || scripts/build-worker
  run_node_tests tests/deploy
  scripts/deploy --dry-run
  scripts/deploy --dry-run --env staging
}

needs_cargo() { have cargo || die "no Rust compiler" "run: scripts/setup core"; }

needs_redis() { have redis-server || die "no redis-server" "run: scripts/setup core"; }

needs_npm() { [ -x node_modules/.bin/wrangler ] || die "the npm tools are missing" "run: scripts/setup worker"; }

# run_node_tests FOLDER: an empty folder is a failure, not a success of zero tests.
run_node_tests() {
  local files
  files=$(find "$1" -name '*.test.mjs' -o -name '*.test.js' 2>/dev/null | sort) || true
  [ -n "$files" ] || die "no tests in $1" "a stage without tests proves nothing; is the folder complete?"
  # Most of them wait for a clock: more at once than there are cores.
  # shellcheck disable=SC2086 # one word a file
  node --test --test-concurrency=4 --test-reporter=spec $files
}
