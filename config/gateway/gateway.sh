#!/bin/sh
# Runs nginx on the folder of this script: `sh gateway.sh`. Any signal to end is a graceful stop: requests in flight are answered.
# When keys or certificates change (a changed Secret reaches its volume within a minute), nginx takes them up without a break.
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
every=5 # seconds between looks at the secrets

secrets() {
  find -L "$folder/keys" /etc/gateway-tls/ -type f -exec sha256sum {} + 2>/dev/null | sort
}

rm -f /tmp/draining /tmp/torchserve.sock # a killed nginx leaves its socket, which the next could not open
known=$(secrets) # before nginx reads them: what changes meanwhile is noticed
nginx -c "$folder/nginx.conf" -e stderr -g 'daemon off;' &
server=$!
trap 'kill -QUIT "$server"' TERM INT QUIT

while sleep "$every"; do
  now=$(secrets)
  if [ "$now" != "$known" ] && nginx -c "$folder/nginx.conf" -e stderr -q -t; then
    kill -HUP "$server"
    known=$now
  fi
done &
watcher=$!

# `wait` returns early when a signal arrives
while kill -0 "$server" 2>/dev/null; do
  wait "$server" && status=0 || status=$?
done
kill "$watcher"
exit "${status:-1}"
