if [ ! -f "$HOME/block.txt" ]; then
    echo "There is no block.txt yet."
    exit 1
fi
expected="192.0.2.140
198.51.100.23
203.0.113.77"
if [ "$(cat "$HOME/block.txt")" = "$expected" ]; then
    echo "Three addresses are blocked, and no colleague is."
    exit 0
fi
if grep -qxE '192\.0\.2\.(15|18|31)' "$HOME/block.txt"; then
    echo "There is a colleague on the list, who failed only once or twice."
elif grep -q ' ' "$HOME/block.txt"; then
    echo "block.txt should hold addresses alone, without counts or spaces."
elif [ "$(sort -V "$HOME/block.txt")" = "$expected" ]; then
    echo "The addresses are right. Now put them in ascending order: sort -V"
else
    echo "block.txt should hold the three addresses with five failures or more, each once."
fi
exit 1
