# shellcheck shell=bash
# Sourced by the scripts beside it, after setup.sh: a private PostgreSQL server that ends with the script.

# Starts a server on a free port of the loopback address, in a folder that goes with it, and never as root. Tests find it by
# NALABO_TEST_POSTGRES: superuser nalabo, no password. It does not flush: tests that need that start servers of their own.
# $1: what is done at the script's exit, where there is more to do than to stop it.
start_postgres() {
  local programs user folder port tries
  local -a as_user=()
  programs=$(postgres_programs)
  folder=$(mktemp -d "${TMPDIR:-/tmp}/nalabo-postgres-XXXXXX")
  postgres_folder=$folder
  trap "${1:-stop_postgres}" EXIT
  # Without these, an interrupted script would end without what is done at its exit.
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ "$(id -u)" -eq 0 ]; then
    user=nobody
    if id postgres >/dev/null 2>&1; then
      user=postgres
    fi
    as_user=(setpriv "--reuid=$(id -u "$user")" "--regid=$(id -g "$user")" --clear-groups --)
    chown "$(id -u "$user"):$(id -g "$user")" "$folder"
  fi
  postgres_control=("${as_user[@]}" env --chdir=/ "$programs/pg_ctl" --pgdata="$folder/data" --silent)
  if ! "${as_user[@]}" env --chdir=/ "$programs/initdb" --auth=trust --username=nalabo --encoding=UTF8 --locale=C --no-sync \
    --pgdata="$folder/data" >"$folder/log" 2>&1; then
    tail -n 5 "$folder/log" >&2
    echo "PostgreSQL could not be set up in $folder" >&2
    return 1
  fi
  # A port that looks free may be taken by the time the server wants it.
  for tries in 1 2 3 4 5 6 7 8 9 10; do
    port=$((15000 + RANDOM % 17000))
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      continue
    fi
    if "${postgres_control[@]}" --log="$folder/data/log" --wait --timeout=60 --options="-c port=$port -c listen_addresses=127.0.0.1 \
      -c unix_socket_directories= -c max_connections=300 -c shared_buffers=128MB -c min_wal_size=32MB -c max_wal_size=256MB -c fsync=off" start; then
      export NALABO_TEST_POSTGRES="postgres://nalabo@127.0.0.1:$port"
      return
    fi
  done
  tail -n 5 "$folder/data/log" >&2
  echo "PostgreSQL could not be started, at the last of $tries tries on port $port" >&2
  return 1
}

# Ends the server and removes its folder; without a server it does nothing. At the exit of whoever started one, it comes by itself.
stop_postgres() {
  if [ -z "${postgres_folder:-}" ]; then
    return
  fi
  if [ -f "$postgres_folder/data/postmaster.pid" ]; then
    "${postgres_control[@]}" --mode=immediate --wait stop || true
  fi
  rm -rf "$postgres_folder"
  postgres_folder=
}
