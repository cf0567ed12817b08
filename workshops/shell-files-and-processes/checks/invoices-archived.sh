archive="$HOME/archive/2026"
if [ ! -d "$archive" ]; then
    echo "There is no folder archive/2026 in your home yet. Make it with: mkdir -p archive/2026"
    exit 1
fi
for name in invoice-a invoice-b invoice-c; do
    if [ ! -s "$archive/$name.txt" ]; then
        echo "$name.txt is not in archive/2026."
        exit 1
    fi
    if [ -e "$HOME/inbox/$name.txt" ]; then
        echo "$name.txt is in the archive, but also still in the inbox. Move it instead of copying it."
        exit 1
    fi
done
if [ ! -s "$HOME/inbox/letter.txt" ]; then
    echo "The letter should have stayed in the inbox. Move it back."
    exit 1
fi
echo "All three invoices are in the archive, and the letter stayed."
