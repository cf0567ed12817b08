# Ends all processes that carry the mark $1 in their environment, those with a wish to clean up first if $2 is "hang-up".
marked() { grep -lszxe "NALABO_MARK=$1" /proc/[0-9]*/environ 2>/dev/null | grep -o '[0-9]*'; }
if [ "$2" = hang-up ]; then
  kill -HUP $(marked "$1") 2>/dev/null
  for round in 1 2 3 4 5; do [ -n "$(marked "$1")" ] || exit 0; sleep 0.1; done
fi
for round in $(seq 200); do
  pids=$(marked "$1")
  [ -n "$pids" ] || exit 0
  kill -KILL $pids 2>/dev/null
  sleep 0.005
done
exit 1
