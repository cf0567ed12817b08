# Runs the script on standard input, which has $3 bytes, and exits with its status. The first byte on standard error says that
# it got here. $1: check or solution, $2: the mark, $4: seconds after which it is killed should nobody else do so, then arguments.
kind=$1 mark=$2 size=$3 limit=$4
shift 4
sweep=$SWEEP
unset SWEEP
umask 022
cd || exit
TMPDIR=$(mktemp -d) || exit
pipe=$TMPDIR/pipe
mkfifo "$pipe" && exec 3>&1 5<>"$pipe" 4>"$pipe" 6<"$pipe" 5>&- || exit
rm -f "$pipe"
cat <&6 >&3 4>&- 2>/dev/null &
relay=$!
learner() { "$@"; }
export -f learner
[ "$kind" = check ] && export TMPDIR
printf + >&2
exec 2>/dev/null >&-
# On one line, so that the line numbers in messages are the script's. It is in no argument and in no file.
within='script=$(cat); exec </dev/null; eval "$script"'
head -c "$size" |
  NALABO_MARK=$mark timeout -s KILL "$limit" bash --norc --noprofile -c "$within" "$kind" "$@" >&4 2>&4 3>&- 4>&- 6<&-
status=${PIPESTATUS[1]}
exec 4>&-
if [ "$kind" = check ]; then
  # What a check leaves behind would hold its output open, and is nobody's.
  bash --norc --noprofile -c "$sweep" sweep "$mark" now
fi
for round in $(seq 100); do
  kill -0 "$relay" 2>/dev/null || break
  [ "$kind" = check ] || [ "$round" -lt 10 ] || break
  sleep 0.01
done
if kill -0 "$relay" 2>/dev/null; then
  # A server that a solution started may print later: that must go somewhere, or its next line ends it.
  kill "$relay"
  setsid cat <&6 >/dev/null 3>&- &
fi
rm -rf "$TMPDIR"
exit "$status"
