# Becomes the outer level, which lives as long as standard input stays open.
# $1: how many of the following arguments are bwrap's for this level; the rest are its arguments for the learner's level.
# Prints bwrap's description of the child, then "ready".
count=$1
shift
outer=("${@:1:count}")
inner=("${@:count+1}")
data=()

# $1: path inside, $2: contents
provide() {
  local fd
  exec {fd}<<<"$2"
  data+=(--perms 0444 --ro-bind-data "$fd" "$1")
}

provide /etc/passwd 'learner:x:0:0:Learner:/home/learner:/bin/bash
nobody:x:65534:65534:Nobody:/:/bin/false'
provide /etc/group 'learner:x:0:
nogroup:x:65534:'
provide /run/learner/etc/passwd 'root:x:0:0:Root:/:/bin/false
learner:x:1000:1000:Learner:/home/learner:/bin/bash
nobody:x:65534:65534:Nobody:/:/bin/false'
provide /run/learner/etc/group 'root:x:0:
learner:x:1000:
nogroup:x:65534:'
provide /run/learner/etc/profile 'if [ -r ~/.bashrc ] && [ ! -e ~/.bash_profile ]; then . ~/.bashrc; fi'
for etc in /etc /run/learner/etc; do
  provide "$etc/hosts" '127.0.0.1 localhost workshop
::1 localhost'
  provide "$etc/nsswitch.conf" 'passwd: files
group: files
hosts: files'
done
exec {arguments}< <(printf '%s\0' "${inner[@]}")
data+=(--perms 0444 --ro-bind-data "$arguments" /run/learner/arguments)

exec bwrap "${outer[@]}" "${data[@]}" --remount-ro / --info-fd 3 -- \
  bash --norc --noprofile -c 'trap "" HUP INT QUIT TERM USR1 USR2 ALRM; echo ready; exec >/dev/null 2>&1; read -r' 3>&1
