# Sourced by scripts/deploy: what the account has, what it lacks, and creating that.
# shellcheck shell=bash

SECRETS="PROCESS_API_TOKEN WEBHOOK_URL WEBHOOK_SECRET"

plan_line() { printf '  %-14s %-34s %s\n' "$@" >&2; }

# survey: shows what is there and what is not. What is to be created goes to $MISSING, a line each; the secrets to be set go to $PUT.
survey() {
  local kind name title there id made=update
  MISSING='' PUT=''
  there=$(secret_names)
  ! said 'not found|does not exist' || made=create
  while read -r kind name title; do
    case $kind in
      worker) plan_line Worker "$name" "$made" ;;
      kv)
        id=$(kv_id "$title")
        if [ -n "$id" ]; then plan_line "KV namespace" "$title" there; else missing "KV namespace" kv "$title"; fi ;;
      queue) if has_queue "$name"; then plan_line queue "$name" there; else missing queue queue "$name"; fi ;;
      bucket) if has_bucket "$name"; then plan_line "R2 bucket" "$name" there; else missing "R2 bucket" bucket "$name"; fi ;;
    esac
  done <<<"$WANTS"
  for name in $SECRETS; do
    if grep -qx "$name" <<<"$there"; then
      plan_line secret "$name" there
    elif [ -n "${!name-}" ]; then
      plan_line secret "$name" "set it, from the environment"
      PUT="$PUT $name"
    elif [ "$name" = PROCESS_API_TOKEN ]; then
      plan_line secret "$name" "make it, keep it in $TOKEN"
      PUT="$PUT $name"
    elif [ -n "$YES" ]; then
      plan_line secret "$name" "none for now"
    else
      plan_line secret "$name" "ask for it"
      PUT="$PUT $name"
    fi
  done
}

missing() { MISSING="$MISSING$2 $3"$'\n'; plan_line "$1" "$3" create; }

# ask_secrets: before anything is created, so that nobody is asked in the middle. A value that the Worker would refuse ends the script here: with
# it, the Worker would take no mail at all.
ask_secrets() {
  local name
  for name in $PUT; do
    if [ "$name" = PROCESS_API_TOKEN ]; then
      # Kept before it is sent: a run that fails in between sends the same one the next time.
      [ -n "${PROCESS_API_TOKEN-}" ] || [ -s "$TOKEN" ] || (umask 077 && node -p 'crypto.randomBytes(24).toString("base64url")' >"$TOKEN")
    elif [ -z "${!name-}" ]; then
      read -rsp "  $name (not shown; empty: none for now): " "${name?}"
      note ""
    fi
  done
  case ${WEBHOOK_URL-} in
    '' | https://*) ;;
    *) die "WEBHOOK_URL has to begin with https://" ;;
  esac
}

# create: everything of $MISSING.
create() {
  local kind name
  while read -r kind name; do
    case $kind in
      kv) must "KV namespace $name" kv namespace create "$name" ;;
      queue) must "queue $name" queues create "$name" ;;
      bucket) must "R2 bucket $name" r2 bucket create "$name" ;;
    esac
  done <<<"$MISSING"
}

# put_secrets: after the deployment, because a secret belongs to a Worker. Until then it answers 503, and mails stay in the mailbox.
put_secrets() {
  local name value
  for name in $PUT; do
    value=${!name-}
    [ -n "$value" ] || [ "$name" != PROCESS_API_TOKEN ] || value=$(cat "$TOKEN")
    [ -z "$value" ] || put_secret "$name" "$value"
  done
}
