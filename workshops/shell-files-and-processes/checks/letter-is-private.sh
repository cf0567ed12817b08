if [ ! -f "$HOME/inbox/letter.txt" ]; then
    echo "inbox/letter.txt is missing."
    exit 1
fi
mode=$(stat -c %a "$HOME/inbox/letter.txt")
if [ "$mode" != 600 ]; then
    echo "The letter's permissions are $mode; they should be 600, which is rw------- in words."
    exit 1
fi
echo "Only you can read the letter."
