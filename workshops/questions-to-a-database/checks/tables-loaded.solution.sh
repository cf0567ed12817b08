sqlite3 library.db < schema.sql
sqlite3 library.db '.mode csv' '.import --skip 1 books.csv books'
sqlite3 library.db '.mode csv' '.import --skip 1 loans.csv loans'
sqlite3 library.db "UPDATE loans SET returned = NULL WHERE returned = ''"
