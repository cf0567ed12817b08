awk '$1 >= 5 { print $2 }' failures.txt | sort -V > block.txt
