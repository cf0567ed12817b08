grep 'Failed password' auth.log | awk '{ print $(NF-3) }' | sort | uniq -c | sort -rn > failures.txt
