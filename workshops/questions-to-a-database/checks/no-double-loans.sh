try() {
    learner sqlite3 -batch -init /dev/null -bail "$HOME/library.db" \
        "BEGIN; INSERT INTO loans (book_id, reader, lent, returned) VALUES ($1); ROLLBACK" 2>&1
}
if ! try "4, 'Ida', '2026-04-01', NULL" > /dev/null; then
    echo "Now even a book that is here cannot be lent. sqlite3 says: $(try "4, 'Ida', '2026-04-01', NULL")"
    exit 1
fi
if ! try "7, 'Ida', '2025-01-01', '2025-01-20'" > /dev/null; then
    echo "The rule is too strict: a loan that has ended must not count. Add WHERE returned IS NULL to the index."
    exit 1
fi
if try "7, 'Ida', '2026-04-01', NULL" > /dev/null; then
    echo "Dracula could be lent a second time while it is out. Make the unique index."
    exit 1
fi
echo "The database refuses to lend what is not there."
