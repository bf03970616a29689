#!/bin/sh
# `xargs -P curl`: a create for each line of creates.txt (server, and the file of the body), and nothing else.
# curl retries what it takes for passing (429, 500, 502, 503, 504) and waits as Retry-After says.
set -eu
xargs -P "$CONCURRENCY" -L 1 sh -c 'exec curl --fail --silent --show-error --output /dev/null --retry 3 \
    --header "authorization: $API_TOKEN" --header "content-type: application/json" \
    --data "@$1" "$API_URL/organizations/5/servers/$0/backups"' <creates.txt
