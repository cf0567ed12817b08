pkill -TERM -f '^[^ ]*bash [^ ]*bin/heartbeat$'
until [ "$(tail -n 1 heartbeat.log)" = "stopped cleanly" ]; do sleep 0.1; done
