sqlite3 library.db "UPDATE books SET year = 1897 WHERE title = 'Dracula'"
