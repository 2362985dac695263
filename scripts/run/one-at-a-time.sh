#!/bin/sh
# Electron, once the one before it has gone; after five seconds that one is killed. See one-at-a-time.mjs.
if read -r before 2>/dev/null <"$MAILMITT_ELECTRON_PID"; then
  tries=0
  while kill -0 "$before" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || kill -KILL "$before"
    sleep 0.05
  done
fi
echo $$ >"$MAILMITT_ELECTRON_PID"
exec "$MAILMITT_ELECTRON" "$@"
