sed -n '/Accepted password for backup/,/session closed for user backup/p' auth.log > timeline.txt
