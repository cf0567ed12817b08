if pgrep -f '^[^ ]*python[^ ]*( -[^ ]+)* [^ ]*app\.py' > /dev/null; then
    echo "service/app.py is still running. Stop it with: pkill -TERM -f service/app.py"
    exit 1
fi
if [ "$(tail -n 1 "$HOME/service.log" 2> /dev/null)" != stopped ]; then
    echo "The last line of service.log should be 'stopped'. Start the service once more with the handler in place, then stop it."
    exit 1
fi
if ! grep -q SIGTERM "$HOME/service/app.py"; then
    echo "service/app.py does not handle SIGTERM yet."
    exit 1
fi
echo "It finished its work and said goodbye."
