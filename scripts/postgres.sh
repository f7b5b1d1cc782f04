#!/usr/bin/env bash
# A private PostgreSQL cluster for tests and benchmarks: free port, 127.0.0.1 and a Unix socket, trust authentication.
#
#   scripts/postgres.sh start [test|durable]   start (installs the server packages if need be); prints the URL
#   scripts/postgres.sh env                    prints the line to eval:  export IMPORTER_TEST_POSTGRES=postgres://…
#   scripts/postgres.sh restart                cut the power and start again (recovery from the log), on the same port
#   scripts/postgres.sh stop                   stop and remove the cluster with all its data
#
# test (default): fsync off. That is safe for the tests: they kill the importer and server processes, never the operating
#   system, and pages in the page cache survive a killed process.
# durable: everything on, sized for benchmarks.
#
# IMPORTER_PG_DIR chooses the folder (default: postgres-$UID in the temporary directory).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"

dir=${IMPORTER_PG_DIR:-${TMPDIR:-/tmp}/importer-postgres-$(id -u)}
data=$dir/data

find_bin() {
    local d
    if have initdb && have pg_ctl; then dirname "$(command -v initdb)"; return; fi
    for d in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* /opt/homebrew/opt/postgresql*/bin \
                     /usr/local/opt/postgresql*/bin 2>/dev/null | sort -rV) "$(have pg_config && pg_config --bindir || true)"; do
        if [ -n "$d" ] && [ -x "$d/initdb" ] && [ -x "$d/pg_ctl" ]; then printf '%s\n' "$d"; return; fi
    done
    return 1
}

# The server refuses to run as root: then it runs as its package's user.
owner() {
    local user
    if [ "$(id -u)" -ne 0 ]; then id -un; return; fi
    for user in postgres nobody; do
        if id "$user" >/dev/null 2>&1; then printf '%s\n' "$user"; return; fi
    done
    die "PostgreSQL does not run as root and there is neither a user 'postgres' nor 'nobody'"
}

as_owner() {
    if [ "$(id -u)" -ne 0 ]; then (cd "$dir" && "$@"); return; fi
    local user; user=$(owner)
    if have runuser; then (cd "$dir" && runuser -u "$user" -- "$@")
    elif have setpriv; then (cd "$dir" && setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@")
    else (cd "$dir" && su -s /bin/sh "$user" -c "$(printf '%q ' "$@")")
    fi
}

free_port() {
    local port
    for _ in $(seq 50); do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then printf '%s\n' "$port"; return; fi
    done
    die "no free port found"
}

url() { printf 'postgres://postgres@127.0.0.1:%s/postgres\n' "$(cat "$dir/port")"; }

settings() {
    cat <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 300
timezone = 'UTC'
logging_collector = off
CONF
    if [ "$1" = durable ]; then
        cat <<CONF
shared_buffers = ${IMPORTER_PG_BUFFERS:-4GB}
effective_cache_size = 12GB
max_wal_size = 16GB
min_wal_size = 4GB
checkpoint_timeout = 30min
wal_compression = $2
wal_buffers = 64MB
maintenance_work_mem = 1GB
work_mem = 256MB
temp_buffers = 1GB
CONF
    else
        cat <<CONF
shared_buffers = 256MB
max_wal_size = 2GB
fsync = off
synchronous_commit = off
deadlock_timeout = 200ms
log_lock_waits = on
CONF
    fi
}

# How whole pages in the log are compressed: quickly, where the server was built for it.
compression() {
    if as_owner "$1/postgres" -D "$data" -c wal_compression=lz4 -C wal_compression >/dev/null 2>&1; then echo lz4; else echo on; fi
}

start() {
    local mode=${1:-test} bin port attempt
    case $mode in test | durable) ;; *) die "start takes test or durable, not '$mode'" ;; esac
    bin=$(find_bin) || {
        install_packages "the PostgreSQL server" postgresql postgresql-server postgresql postgresql
        bin=$(find_bin) || die "the PostgreSQL server was installed, but initdb and pg_ctl were not found"
    }
    [ ! -e "$data" ] || die "a cluster is already there: $dir (scripts/postgres.sh stop removes it)"
    mkdir -p "$dir"
    [ "${#dir}" -le 80 ] || die "the folder's name is too long for a Unix socket: $dir (choose another with IMPORTER_PG_DIR)"
    chmod 755 "$dir"
    [ "$(id -u)" -ne 0 ] || chown "$(owner)" "$dir"
    printf '%s\n' "$bin" >"$dir/bin"
    as_owner "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 ||
        { cat "$dir/initdb.log" >&2; die "initdb failed"; }
    settings "$mode" "$(compression "$bin")" >>"$data/postgresql.conf"
    for attempt in 1 2 3 4 5; do
        port=$(free_port)
        printf '%s\n' "$port" >"$dir/port"
        if as_owner "$bin/pg_ctl" -D "$data" -l "$data/server.log" -o "-p $port" -w -t 60 start >/dev/null 2>&1; then url; return; fi
    done
    cat "$data/server.log" >&2 || true
    die "the PostgreSQL server did not start"
}

# As after a power cut: no shutdown, recovery from the log.
restart() {
    [ -e "$dir/port" ] || die "no cluster in $dir: scripts/postgres.sh start"
    as_owner "$(cat "$dir/bin")/pg_ctl" -D "$data" -l "$data/server.log" -m immediate -o "-p $(cat "$dir/port")" -w -t 60 restart >/dev/null 2>&1 ||
        die "the PostgreSQL server did not start again"
    url
}

stop() {
    [ -e "$dir" ] || return 0
    if [ -e "$data/postmaster.pid" ] && [ -e "$dir/bin" ]; then
        as_owner "$(cat "$dir/bin")/pg_ctl" -D "$data" -m immediate -w stop >/dev/null 2>&1 || say "the server in $dir did not stop"
    fi
    rm -rf "$dir"
}

case ${1:-} in
    start) start "${2:-test}" ;;
    restart) restart ;;
    stop) stop ;;
    env) [ -e "$dir/port" ] || die "no cluster in $dir: scripts/postgres.sh start"; printf 'export IMPORTER_TEST_POSTGRES=%s\n' "$(url)" ;;
    *) sed -n '2,14p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac
