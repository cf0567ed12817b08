sqlite3 library.db "CREATE UNIQUE INDEX one_open_loan ON loans (book_id) WHERE returned IS NULL"
