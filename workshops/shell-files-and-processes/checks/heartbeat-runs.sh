if ! pgrep -f '^[^ ]*bash [^ ]*bin/heartbeat$' > /dev/null; then
    echo "bin/heartbeat is not running. Start it in the background: bin/heartbeat &"
    exit 1
fi
if [ ! -s "$HOME/heartbeat.log" ]; then
    echo "bin/heartbeat is running, but heartbeat.log is empty."
    exit 1
fi
echo "The heart is beating."
