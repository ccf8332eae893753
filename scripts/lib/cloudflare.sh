# Sourced by scripts/deploy: calling wrangler, and what to do when Cloudflare refuses.
# shellcheck shell=bash

# The tests put another one here.
WRANGLER=${WRANGLER:-$ROOT/node_modules/.bin/wrangler}
export WRANGLER_SEND_METRICS=false FORCE_COLOR=0
PLANS="https://dash.cloudflare.com/?to=/:account/workers/plans"

# cf COMMAND…: calls wrangler without a terminal, so that it asks nothing and edits no file. What it says is in $OUT and $SAID.
cf() { "$WRANGLER" "$@" </dev/null >"$OUT" 2>"$SAID"; }

# said PATTERN: whether the last call said so.
said() { cat "$OUT" "$SAID" | grep -Eqi -- "$1"; }

# must WHAT COMMAND…: a call that has to succeed, with a line of progress.
must() {
  local what=$1
  shift
  printf '  %-56s ' "$what" >&2
  if cf "$@"; then note "ok"; else note "failed"; refused "$what"; fi
}

# put_secret NAME VALUE: the value goes to wrangler's standard input. `printf` is a part of the shell: no other process sees it.
put_secret() {
  printf '  %-56s ' "secret $1" >&2
  if printf '%s' "$2" | "$WRANGLER" secret put "$1" --name "$WORKER" >"$OUT" 2>"$SAID"; then
    note "ok"
  else
    note "failed"
    refused "secret $1"
  fi
}

# refused WHAT: ends the script with what Cloudflare said and what to do about it.
refused() {
  local again="then run this again: what is done is not done twice"
  cat "$OUT" "$SAID" | sed '/^[[:space:]]*$/d; /Logs were written to/d' | tail -n 12 | sed 's/^/    | /' >&2
  if said 'code: (10000|9109|9106|6003)\]|authentication error|not authenticated|CLOUDFLARE_API_TOKEN environment'; then
    die "$1: Cloudflare does not accept the login, or it may not do this" "run: ${WRANGLER#"$ROOT/"} login" \
      "an API token needs Workers Scripts, Workers KV Storage, Queues and Workers R2 Storage, each with Edit"
  elif said 'code: 10042\]|enable R2'; then
    die "$1: R2 is not switched on for this account" "nothing uses it yet: run this again with --without-files" \
      "or switch it on in the dashboard, under R2 Object Storage, $again"
  elif said 'code: 100328\]|paid plan|workers paid|free plan|your plan'; then
    die "$1: the account's plan does not allow it" "Workers Paid: https://dash.cloudflare.com/?to=/:account/workers/plans" \
      "docs/cloudflare.md says what the free plan allows"
  elif said 'code: 10063\]|workers\.dev subdomain'; then
    die "$1: the account has no workers.dev subdomain yet" "choose one in the dashboard, under Workers & Pages, $again"
  elif said 'code: (10004|10014|11009)\]|already (exists|taken|in use)|is taken'; then
    die "$1: the name is taken" "made just now by another run? $again" \
      "otherwise change \`name\`, and the names of queues and bucket, in wrangler.toml"
  elif said 'fetch failed|ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT'; then
    die "$1: Cloudflare was not reached" "check the network, $again"
  fi
  die "$1: Cloudflare refused" "what it said is above; mend it, $again"
}

# log_in: prints the id and the name of the account that everything goes to.
log_in() {
  local accounts
  if ! cf whoami --json; then
    said '"loggedIn": *false' || refused "login"
    die "not logged in to Cloudflare" "run: ${WRANGLER#"$ROOT/"} login" "or set CLOUDFLARE_API_TOKEN, where there is no browser"
  fi
  accounts=$(json 'const wanted = process.env.CLOUDFLARE_ACCOUNT_ID;
    return it.accounts.filter((a) => !wanted || a.id === wanted).map((a) => `${a.id} ${a.name}`).join("\n")')
  case $(grep -c . <<<"$accounts") in
    1) ;;
    0) die "this login has no account ${CLOUDFLARE_ACCOUNT_ID-}" "check CLOUDFLARE_ACCOUNT_ID" ;;
    *) note "$accounts"; die "this login has more than one account" "set CLOUDFLARE_ACCOUNT_ID to one of them" ;;
  esac
  echo "$accounts"
}

# json CODE: the last answer, as `it`, through a function body; prints what it returns.
json() { node -e 'const it = JSON.parse(fs.readFileSync(0, "utf8").replace(/^[^[{]*/, "")); console.log(new Function("it", process.argv[1])(it))' "$1" <"$OUT"; }

# kv_id TITLE: the id of a namespace, or nothing.
kv_id() {
  cf kv namespace list || refused "looking for KV namespaces"
  json "return it.find((n) => n.title === '$1')?.id ?? ''"
}

# has_queue NAME, has_bucket NAME: any other refusal than "there is none" ends the script.
has_queue() { cf queues info "$1" || { said 'does not exist' || refused "looking for queue $1"; return 1; }; }
has_bucket() { cf r2 bucket info "$1" --json || { said 'does not exist|code: 10006' || refused "looking for bucket $1"; return 1; }; }

# secret_names: those that the Worker has, one a line; a Worker that is not there has none.
secret_names() {
  cf secret list --name "$WORKER" || { said 'not found|code: (10007|10090)|does not exist' || refused "looking for secrets"; return 0; }
  json 'return it.map((s) => s.name).join("\n")'
}
