# Becomes the learner's level inside the outer one, which lives as long as standard input stays open.
# $1: inodes of each writable file system, $2: pages of System V shared memory, then what prlimit is to set.
# Prints bwrap's description of the child, then "ready".
inodes=$1 pages=$2
shift 2
for place in /home/learner /tmp /dev/shm /run/check; do
  # Not with the options it has: they name a user id that does not exist in here.
  mount --options-mode ignore -o "remount,nosuid,nodev,nr_inodes=$inodes" "$place" || exit
done
# Older kernels keep these read-only in a user namespace; then only the watchdog sees what is attached.
{ echo "$pages" >/proc/sys/kernel/shmall; echo 32 >/proc/sys/kernel/msgmni; } 2>/dev/null
exec prlimit "$@" bwrap --args 9 --as-pid-1 --info-fd 3 -- \
  bash --norc --noprofile -c 'trap "" HUP INT QUIT TERM USR1 USR2 ALRM; echo ready; exec >/dev/null 2>&1; read -r' \
  9</run/learner/arguments 3>&1
