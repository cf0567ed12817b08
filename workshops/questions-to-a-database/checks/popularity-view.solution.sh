sqlite3 library.db "CREATE VIEW popularity AS SELECT title, count(loans.id) AS loans
    FROM books LEFT JOIN loans ON loans.book_id = books.id GROUP BY books.id"
