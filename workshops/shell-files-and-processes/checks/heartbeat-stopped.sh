if pgrep -f '^[^ ]*bash [^ ]*bin/heartbeat$' > /dev/null; then
    echo "bin/heartbeat is still running. Find its PID with pgrep -f bin/heartbeat and send it TERM with kill."
    exit 1
fi
if [ "$(tail -n 1 "$HOME/heartbeat.log" 2> /dev/null)" != "stopped cleanly" ]; then
    echo "It is not running, but it could not say goodbye in heartbeat.log. Start it again and stop it without -9."
    exit 1
fi
echo "It stopped cleanly."
