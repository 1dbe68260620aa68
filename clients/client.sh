#!/usr/bin/env bash
# Signs a call of the Examlink API and sends it: bash 5, curl and openssl, and nothing else.
#
#   client.sh METHOD PATH name=value ...    such as: client.sh GET '/exams/{id}' id=42
#   client.sh message name=value ...        prints what is signed, and the signature
#
# EXAMLINK_SERVER, EXAMLINK_TOKEN and EXAMLINK_SECRET say where and who. Ids in the path are signed by their names.
# Other users of the same machine can see openssl's arguments, the secret among them, while it runs.
set -euo pipefail
export LC_ALL=C

message() {
    local IFS='?' sorted
    mapfile -d '' -t sorted < <(printf '%s\0' "$@" | sort -z -t= -k1,1)
    printf '%s' "${sorted[*]}"
}

sign() {
    message "$@" | openssl dgst -sha256 -hmac "$EXAMLINK_SECRET" -r | cut -d' ' -f1
}

if [[ $1 == message ]]; then
    message "${@:2}"
    printf '\n'
    sign "${@:2}"
    exit
fi

method=$1 path=$2
parameters=("${@:3}" "nonce=$(od -An -N7 -tu8 /dev/urandom | tr -d ' ')" "timestamp=$((${EPOCHREALTIME/./} / 1000))")
parameters+=("signature=$(sign "${parameters[@]}")")
arguments=(-sS --fail-with-body -X "$method" -H "Authorization: Token token=$EXAMLINK_TOKEN")
if [[ $method == GET ]]; then arguments+=(--get); fi
for parameter in "${parameters[@]}"; do
    path=${path//"{${parameter%%=*}}"/"${parameter#*=}"}
    arguments+=(--data-urlencode "$parameter")
done
curl "${arguments[@]}" "$EXAMLINK_SERVER/api/v3$path"
