# Shared by ./test and the scripts beside this file; sourced, never run.

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

importer_cache() { printf '%s\n' "${IMPORTER_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/importer}"; }

# Runs a command with the rights to install packages.
with_rights() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif have sudo; then sudo "$@"
    else die "'$*' needs root rights: run it by hand, or install sudo"
    fi
}

# install_packages WHAT APT DNF APK BREW: installs WHAT under the name each package manager knows it by.
install_packages() {
    local what=$1 apt=$2 dnf=$3 apk=$4 brew=$5
    say "installing $what"
    # shellcheck disable=SC2086  # several packages in one word are meant
    if have apt-get; then
        with_rights env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 || say "apt-get update failed; going on with the lists at hand"
        with_rights env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $apt >&2
    elif have dnf; then with_rights dnf install -y -q $dnf >&2
    elif have apk; then with_rights apk add --quiet $apk >&2
    elif have brew; then brew install --quiet $brew >&2
    else die "$what is missing and no known package manager (apt, dnf, apk, brew) was found: install it and try again"
    fi || die "$what could not be installed: install it by hand and try again"
}
