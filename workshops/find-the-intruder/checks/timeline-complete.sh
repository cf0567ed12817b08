if [ ! -f "$HOME/timeline.txt" ]; then
    echo "There is no timeline.txt yet."
    exit 1
fi
lines=$(wc -l < "$HOME/timeline.txt")
if ! head -n 1 "$HOME/timeline.txt" | grep -q 'Accepted password for backup'; then
    echo "timeline.txt should begin with the line 'Accepted password for backup'."
    exit 1
fi
if ! tail -n 1 "$HOME/timeline.txt" | grep -q 'session closed for user backup'; then
    echo "timeline.txt should end with the line 'session closed for user backup'."
    exit 1
fi
if ! grep -q 'new user: name=sysupdate' "$HOME/timeline.txt"; then
    echo "A line is missing that does not mention backup: a new account was made in this time. Take the whole range."
    exit 1
fi
if [ "$lines" -ne 7 ]; then
    echo "The session is 7 lines long, and timeline.txt has $lines."
    exit 1
fi
echo "They became root, made an account of their own, and left something in root's crontab."
