#!/usr/bin/env bash
# Prints the Python of a cached environment that holds the packages of a requirements file, making it if need be.
#
#   scripts/python.sh [requirements.txt]      default: scripts/requirements.txt
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"

wanted=${1:-$here/requirements.txt}
venv=$(importer_cache)/python-$(cksum <"$wanted" | cut -d' ' -f1)
if [ -e "$venv/ready" ] && "$venv/bin/python" -c '' 2>/dev/null; then printf '%s\n' "$venv/bin/python"; exit; fi

have python3 || install_packages "Python 3" "python3 python3-venv" python3 "python3 py3-pip" python3
mkdir -p "$(dirname "$venv")"
make_venv() { rm -rf "$venv" && python3 -m venv "$venv" >/dev/null 2>&1; }
make_venv || {
    install_packages "Python's venv module" python3-venv python3-pip py3-virtualenv python3
    make_venv || die "python3 -m venv does not work here"
}
say "installing the packages of $wanted into $venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted" >&2 ||
    die "pip could not install $wanted (IMPORTER_TEST_PYTHON=off runs the tests without the outside oracle)"
touch "$venv/ready"
printf '%s\n' "$venv/bin/python"
