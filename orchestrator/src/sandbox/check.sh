# Runs the script on standard input beside the learner. The first byte on standard error says that it got here.
umask 022
printf + >&2
exec 2>&1
# Confines what a check does not trust: the learner's view of the files, and no sight of the check.
learner() { bwrap --die-with-parent --unsetenv TMPDIR --args 9 -- "$@" 9</run/learner/arguments; }
export -f learner
export TMPDIR=/run/check
rm -rf /run/check/* /run/check/.[!.]*
cd || exit
# On one line, so that the line numbers in messages are the script's.
exec bash --norc --noprofile -c 'script=$(cat); exec </dev/null; eval "$script"' check "$@"
