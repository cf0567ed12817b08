sqlite3 -csv library.db "SELECT reader, title FROM loans JOIN books ON books.id = loans.book_id
    WHERE returned IS NULL ORDER BY lent" > open.csv
