CREATE TABLE books (
    id     INTEGER PRIMARY KEY,
    title  TEXT NOT NULL,
    author TEXT NOT NULL,
    year   INTEGER NOT NULL
);

CREATE TABLE loans (
    id       INTEGER PRIMARY KEY,
    book_id  INTEGER NOT NULL REFERENCES books (id),
    reader   TEXT NOT NULL,
    lent     TEXT NOT NULL,
    returned TEXT
);
