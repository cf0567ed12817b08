if [ ! -s "$HOME/library.db" ]; then
    echo "There is no library.db in your home yet. Make it with: sqlite3 library.db < schema.sql"
    exit 1
fi
ask() { learner sqlite3 -batch -init /dev/null -readonly "$HOME/library.db" "$1" 2>&1; }
books=$(ask 'SELECT count(*) FROM books')
if [ "$books" != 10 ]; then
    echo "The table books should have 10 rows. sqlite3 says: $books"
    exit 1
fi
loans=$(ask 'SELECT count(*) FROM loans')
if [ "$loans" != 12 ]; then
    echo "The table loans should have 12 rows. sqlite3 says: $loans"
    exit 1
fi
open=$(ask 'SELECT count(*) FROM loans WHERE returned IS NULL')
if [ "$open" != 3 ]; then
    echo "Three loans should have no return date (NULL), and $open have none. Turn the empty texts into NULL."
    exit 1
fi
echo "10 books and 12 loans are loaded, and three books are out."
