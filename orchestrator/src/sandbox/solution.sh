# Runs the script on standard input as the learner. The first byte on standard error says that it got here.
umask 022
printf + >&2
exec 2>&1
learner() { "$@"; }
export -f learner
cd || exit
# On one line, so that the line numbers in messages are the script's.
exec bash --norc --noprofile -c 'script=$(cat); exec </dev/null; eval "$script"' solution "$@"
