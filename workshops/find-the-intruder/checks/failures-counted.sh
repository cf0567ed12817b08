if [ ! -f "$HOME/failures.txt" ]; then
    echo "There is no failures.txt in your home yet. Send the output of the pipeline there with > failures.txt"
    exit 1
fi
# Addresses with equal counts may stand in any order, and uniq indents its counts.
found=$(awk '{ print $1, $2 }' "$HOME/failures.txt" | sort -k1,1rn -k2,2)
expected="64 198.51.100.23
17 192.0.2.140
9 203.0.113.77
2 192.0.2.18
1 192.0.2.15
1 192.0.2.31"
if [ "$found" != "$expected" ]; then
    echo "failures.txt should hold six lines, each with a count and an address. Count only lines with 'Failed password'."
    exit 1
fi
if [ "$(awk 'NR == 1 { print $2 }' "$HOME/failures.txt")" != 198.51.100.23 ]; then
    echo "The counts are right. Now put the largest first: sort -rn"
    exit 1
fi
echo "Six addresses failed, and one of them made most of the noise."
