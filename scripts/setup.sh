# shellcheck shell=bash
# Sourced by the scripts beside it: installs programs that are missing, with the system's own package manager.

# Runs a command as root: directly, or through sudo, which may ask for a password only where somebody can type it.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif ! command -v sudo >/dev/null; then
    echo "this needs root or sudo: $*" >&2
    return 1
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

package_manager() {
  local manager
  for manager in apt-get dnf pacman zypper apk; do
    if command -v "$manager" >/dev/null; then
      echo "$manager"
      return
    fi
  done
}

# $1: the package manager, then packages. Quiet unless it fails; refreshes its lists once where it does not do so itself.
install_packages() {
  local manager=$1
  shift
  case $manager in
    apt-get)
      if [ -z "${lists_are_fresh:-}" ]; then
        as_root apt-get -qq update && lists_are_fresh=yes
      fi
      as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install "$@" >/dev/null
      ;;
    dnf) as_root dnf -q -y install "$@" >/dev/null ;;
    pacman) as_root pacman -Sy --noconfirm --needed --quiet "$@" >/dev/null ;;
    zypper) as_root zypper -q --non-interactive install "$@" >/dev/null ;;
    apk) as_root apk add --quiet "$@" ;;
  esac
}

# The folder of the newest PostgreSQL server's programs, which distributions keep off the search path; nothing if there is none.
postgres_programs() {
  local folder found
  found=$(for folder in /usr/lib/postgresql/*/bin /usr/lib/postgresql[0-9]*/bin /usr/pgsql-*/bin /usr/libexec/postgresql[0-9]*; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
      echo "$folder"
    fi
  done | sort -V | tail -n 1)
  if [ -n "$found" ]; then
    echo "$found"
  elif command -v initdb >/dev/null; then
    dirname "$(readlink -f "$(command -v initdb)")"
  fi
}

# Whether there is a program, on the search path or among PostgreSQL's.
has() {
  command -v "$1" >/dev/null || [ -x "$(postgres_programs)/$1" ]
}

# need COMMAND DEBIAN [FEDORA [ARCH [SUSE [ALPINE]]]]: sees to it that there is a command. Each further argument names the
# packages that bring it, separated by spaces; one that is left out is named as on Debian. Ends the script if there is no way.
need() {
  local command=$1 debian=$2 packages manager
  if has "$command"; then
    return
  fi
  manager=$(package_manager)
  case $manager in
    dnf) packages=${3:-$debian} ;;
    pacman) packages=${4:-$debian} ;;
    zypper) packages=${5:-$debian} ;;
    apk) packages=${6:-$debian} ;;
    *) packages=$debian ;;
  esac
  if [ -z "$manager" ]; then
    echo "missing: $command. Install it (package $packages), then run this again; no package manager is known here." >&2
    exit 1
  fi
  echo "installing $packages with $manager, for $command"
  # Its own exit code does not count: what counts is whether the command is there.
  # shellcheck disable=SC2086 # several packages
  install_packages "$manager" $packages || true
  hash -r
  if ! has "$command"; then
    echo "missing: $command. It could not be installed; install the package $packages with $manager, then run this again." >&2
    exit 1
  fi
}

# What building takes. Rust itself is for its users to install.
need_to_build() {
  need cc "gcc libc6-dev" gcc base-devel gcc build-base
  if ! command -v cargo >/dev/null; then
    echo "missing: cargo. Install Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or later, then run this again." >&2
    exit 1
  fi
}

# What sandboxes are made of, and the programs that the built-in workshops use in them.
need_to_run() {
  need bwrap bubblewrap
  need setpriv util-linux
  need mount mount util-linux util-linux util-linux util-linux
  need pgrep procps procps-ng procps-ng procps procps-ng
  need find findutils
  need awk gawk
  need git git
  need sqlite3 sqlite3 sqlite sqlite sqlite3 sqlite
  need python3 python3 python3 python
}

# need_python FOLDER MODULE PACKAGE…: Python with a module that tests use, below cargo's target directory.
need_python() {
  local folder=${CARGO_TARGET_DIR:-target}/$1 module=$2
  shift 2
  if "$folder/bin/python" -c "import $module" 2>/dev/null; then
    return
  fi
  echo "installing $* into $folder"
  if ! { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet "$@"; }; then
    echo "missing: $*. Make $folder by python3 -m venv (on Debian with the package python3-venv) and install it there." >&2
    exit 1
  fi
}

# The provider that tests sign in with: oidc-provider on Node.js, in the versions of tests/nalabo/providers, below cargo's target directory.
need_sign_in_provider() {
  local folder=${CARGO_TARGET_DIR:-target}/oidc-provider wanted=tests/nalabo/providers
  need node nodejs nodejs nodejs nodejs nodejs
  if [ -d "$folder/node_modules/oidc-provider" ] && cmp -s "$wanted/package-lock.json" "$folder/package-lock.json"; then
    return
  fi
  need npm npm npm npm npm npm
  echo "installing oidc-provider into $folder"
  mkdir -p "$folder"
  cp "$wanted/package.json" "$wanted/package-lock.json" "$folder/"
  if ! npm ci --prefix "$folder" --silent --no-audit --no-fund --ignore-scripts; then
    # What is half there must not be taken for whole.
    rm -rf "$folder"
    echo "missing: oidc-provider. Give npm a way to its registry, then run this again." >&2
    exit 1
  fi
}

# The mail server that tests start for themselves.
need_mail_server() {
  need_python mail-server aiosmtpd aiosmtpd==1.4.6
}

# Somebody else's idea of which tokens are good.
need_token_verifier() {
  need_python token-verifier jwt PyJWT==2.10.1 cryptography==44.0.0
}

# Programs that read the calendars and the tables that we write.
need_calendar_reader() {
  need_python file-readers "icalendar, openpyxl" icalendar==7.3.2 openpyxl==3.1.5
}

# A device with passkeys, by somebody else's library.
need_passkey_device() {
  need_python passkey-device fido2 fido2==2.0.0 cryptography==44.0.0
}

# The database server that tests start for themselves. Debian's package starts one of its own besides, which is left alone.
need_postgres() {
  need setpriv util-linux
  need initdb postgresql postgresql-server postgresql postgresql-server
  need psql postgresql-client postgresql postgresql postgresql
}

# Prints a new folder that is in memory, for files that go with the script; nothing where memory is short or programs in it do not run.
# Thousands of tests with a database each make and remove files at a rate that a disk's file system spends more time on than they do.
folder_in_memory() {
  local folder free available
  free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $1 == "tmpfs" { print $4 }')
  available=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo 2>/dev/null)
  if ((${free:-0} < 4 << 20 || ${available:-0} < 8 << 20)) || ! folder=$(mktemp -d /dev/shm/nalabo-XXXXXX); then
    return
  fi
  printf '#!/bin/sh\n' >"$folder/runs"
  chmod 755 "$folder" "$folder/runs"
  if "$folder/runs" 2>/dev/null; then
    rm "$folder/runs"
    echo "$folder"
  else
    rm -r "$folder"
  fi
}
