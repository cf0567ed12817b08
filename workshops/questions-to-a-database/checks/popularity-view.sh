ask() { learner sqlite3 -batch -init /dev/null -readonly "$HOME/library.db" "$1" 2>&1; }
if [ "$(ask "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND name = 'popularity'")" != 1 ]; then
    echo "There is no view popularity in library.db yet."
    exit 1
fi
found=$(ask 'SELECT title, loans FROM popularity ORDER BY loans DESC, title')
expected="Frankenstein|4
Pride and Prejudice|3
The Time Machine|2
Dracula|1
Emma|1
The War of the Worlds|1
Jane Eyre|0
Middlemarch|0
Moby-Dick|0
Treasure Island|0"
if [ "$found" = "$expected" ]; then
    echo "Frankenstein leads, and four books are still waiting for their first reader."
    exit 0
fi
rows=$(wc -l <<< "$found")
if grep -qi error <<< "$found"; then
    echo "The view cannot be read as expected. sqlite3 says: $found"
elif [ "$rows" -lt 10 ]; then
    echo "The view has $rows rows instead of 10. Books without loans are missing: use LEFT JOIN."
else
    echo "The counts are not right yet. Count loans.id instead of *, so that a book without loans gets 0."
fi
exit 1
