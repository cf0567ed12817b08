if [ ! -f "$HOME/bin/greet" ]; then
    echo "bin/greet is missing."
    exit 1
fi
if [ ! -x "$HOME/bin/greet" ]; then
    echo "bin/greet cannot be executed yet. Look for the x in: ls -l bin/greet"
    exit 1
fi
echo "bin/greet can be executed."
