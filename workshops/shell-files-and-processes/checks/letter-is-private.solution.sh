chmod 600 inbox/letter.txt
