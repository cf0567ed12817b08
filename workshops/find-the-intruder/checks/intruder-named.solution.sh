address=$(comm -12 \
    <(grep Accepted auth.log | awk '{ print $(NF-3) }' | sort -u) \
    <(awk '$1 >= 5 { print $2 }' failures.txt | sort -u))
account=$(grep "Accepted .* from $address " auth.log | awk '{ print $(NF-5) }')
echo "$address $account" > intruder.txt
