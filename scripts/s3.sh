#!/usr/bin/env bash
# A private S3-compatible server for tests: free port, 127.0.0.1, in memory, one bucket "importer-test".
#
#   scripts/s3.sh start    start (installs the server into an environment of its own if need be); prints the address
#   scripts/s3.sh stop     stop it; its objects are gone
#
# IMPORTER_S3_DIR chooses the folder for its port and log (default: s3-$UID in the temporary directory).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"

dir=${IMPORTER_S3_DIR:-${TMPDIR:-/tmp}/importer-s3-$(id -u)}

answers() { "$python" - "$1" <<'PY'
import sys, urllib.request
urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/importer-test", method="PUT"), timeout=5).read()
PY
}

start() {
    local attempt port address
    [ ! -e "$dir/pid" ] || die "a server is already there: $dir (scripts/s3.sh stop ends it)"
    python=$("$here/python.sh" "$here/requirements-s3.txt")
    mkdir -p "$dir"
    for attempt in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 12000))
        address=http://127.0.0.1:$port
        nohup "$(dirname "$python")/moto_server" -H 127.0.0.1 -p "$port" >"$dir/log" 2>&1 </dev/null &
        printf '%s\n' "$!" >"$dir/pid"
        for _ in $(seq 100); do
            if answers "$address" >/dev/null 2>&1; then printf '%s\n' "$address"; return; fi
            kill -0 "$(cat "$dir/pid")" 2>/dev/null || break
            sleep 0.2
        done
        kill "$(cat "$dir/pid")" 2>/dev/null || true
    done
    cat "$dir/log" >&2 || true
    rm -rf "$dir"
    die "the S3 server did not start"
}

stop() {
    [ -e "$dir" ] || return 0
    [ ! -e "$dir/pid" ] || kill "$(cat "$dir/pid")" 2>/dev/null || true
    rm -rf "$dir"
}

case ${1:-} in
    start) start ;;
    stop) stop ;;
    *) sed -n '2,8p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac
