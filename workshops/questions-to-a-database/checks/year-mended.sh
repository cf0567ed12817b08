ask() { learner sqlite3 -batch -init /dev/null -readonly "$HOME/library.db" "$1" 2>&1; }
year=$(ask "SELECT year FROM books WHERE title = 'Dracula'")
if [ "$year" != 1897 ]; then
    echo "The year of Dracula is $year, and it should be 1897."
    exit 1
fi
if [ "$(ask 'SELECT sum(year) FROM books')" != 18588 ]; then
    echo "Dracula is right, but the year of another book has changed as well. Compare with books.csv and mend it."
    exit 1
fi
echo "One row changed, and nothing else."
