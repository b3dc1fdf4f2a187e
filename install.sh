#!/bin/sh
# Installs the command ahn from a release: one archive for this machine, proven by its checksum.
#
#   sh install.sh                    the command into ~/.local/bin, its files into ~/.local/lib/ahn
#   sh install.sh --to /opt/ahn/bin  the command into that folder
#   sh install.sh --version 0.1.0    that release instead of the newest
#   sh install.sh --jit              the build that compiles while it runs: it can use a GPU, and needs no AVX2
#   sh install.sh --uninstall        takes away what was installed, and nothing else
#
# AHN_INSTALL_FROM    where the archives and SHA256SUMS lie: an address, or a folder of this machine; of a clone the releases page of its
#                     remote 'origin' without it. './publish.sh' makes both (artifacts/download/release).
# What is there already is replaced only once the new command has said its version. Needs curl or wget (not for a folder), tar, gzip and
# sha256sum, shasum or openssl.
set -eu

# Written by publish.sh into the copy that lies beside the archives.
released_at=''

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
misused() { printf "install.sh: %s ('sh install.sh --help' says what it takes)\n" "$*" >&2; exit 2; }
has() { command -v "$1" >/dev/null 2>&1; }

# All of it is read before any of it runs: half a download does nothing.
main() {
    to='' version='' jit='' uninstall=''
    while [ $# -gt 0 ]; do
        case $1 in
            --to) [ $# -gt 1 ] || misused "--to needs a folder"; to=$2; shift ;;
            --version) [ $# -gt 1 ] || misused "--version needs a number, such as 0.1.0"; version=${2#v}; shift ;;
            --jit) jit=-jit ;;
            --uninstall) uninstall=yes ;;
            -h | --help) usage; exit 0 ;;
            *) misused "expected --to, --version, --jit or --uninstall, found '$1'" ;;
        esac
        shift
    done
    if [ -z "$to" ]; then
        [ -n "${HOME:-}" ] || misused "HOME is not set: name a folder with --to"
        to=$HOME/.local/bin
    fi
    case $to in /*) ;; *) to=$PWD/$to ;; esac
    to=${to%/}
    # Beside a folder bin lie lib and share; any other folder holds everything.
    case $to in
        */bin) files=${to%/bin}/lib/ahn share=${to%/bin}/share ;;
        *) files=$to/ahn.files share='' ;;
    esac
    if [ -n "$uninstall" ]; then remove; else install; fi
}

usage() {
    cat <<'END'
sh install.sh [--to FOLDER] [--version NUMBER] [--jit]    installs ahn (into ~/.local/bin)
sh install.sh --uninstall [--to FOLDER]                   takes it away
  --jit            the build that compiles while it runs: it can use a GPU, and needs no AVX2
  AHN_INSTALL_FROM where the archives lie: an address, or a folder (default: the releases page of this clone's remote)
END
}

install() {
    platform
    source_of_archives
    sum_program
    has tar || fail "expected tar, found none: install it"
    makes_folder "$to"
    makes_folder "$(dirname "$files")"
    [ ! -e "$to/ahn" ] || [ -L "$to/ahn" ] ||
        fail "$to/ahn exists and was not put there by install.sh: move it away, or choose another folder with --to"
    work=$(mktemp -d "$(dirname "$files")/.ahn-install.XXXXXX") || fail "$(dirname "$files"): expected a folder that may be written"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    take SHA256SUMS
    archive=$(named "-$platform$jit.tar.gz")
    # What was made without a compiler of images has this build alone.
    [ -n "$archive" ] || archive=$(named "-$platform-jit.tar.gz")
    [ -n "$archive" ] ||
        fail "expected ahn-${version:-VERSION}-$platform$jit.tar.gz among the archives of $from, found:$(awk '{ printf " %s", $2 }' "$work/SHA256SUMS"); \
name another release with --version, or take the dotnet tool: dotnet tool install --global ahn"
    say "Installing $archive from $from"
    take "$archive"
    expected=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print tolower($1); exit }' "$work/SHA256SUMS")
    found=$(sum "$work/$archive")
    [ "$found" = "$expected" ] ||
        fail "$archive: expected the checksum $expected, found $found; nothing was installed: try again, and if it stays so, tell the project"

    mkdir "$work/new"
    gzip -dc "$work/$archive" >"$work/archive.tar" || fail "$archive: could not be unpacked"
    tar -xf "$work/archive.tar" -C "$work/new" || fail "$archive: could not be unpacked; is $(dirname "$files") full?"
    new=$(echo "$work"/new/*)
    [ -x "$new/ahn" ] || fail "$archive: expected the command ahn in it, found none"
    told=$("$new/ahn" --version 2>&1) || fail "$archive does not run here, so nothing was installed; it said: $told"

    : >"$new/.installed"
    places "$new"
    # The old files are there until the new ones are: a link is renamed over the old one.
    rm -rf "$work/old"
    [ ! -e "$files" ] || { forget; mv "$files" "$work/old"; }
    mv "$new" "$files"
    ln -s "$files/ahn" "$work/link"
    mv -f "$work/link" "$to/ahn"
    say "Installed: $to/ahn, $(printf '%s\n' "$told" | head -n 1)"
    next='ahn demo'
    case ":${PATH:-}:" in
        *":$to:"*) ;;
        *) say "$to is not in PATH: add it (export PATH=\"$to:\$PATH\" in ~/.profile), or use the whole name."; next="$to/ahn demo" ;;
    esac
    say "Next: $next"
}

# named ENDING: the archive of that version, or of the first that is listed.
named() {
    awk -v want="$1" -v version="$version" '
        { name = $2; sub(/^\*/, "", name); n = length(name) - length(want) }
        index(name, "ahn-") == 1 && n > 4 && substr(name, n + 1) == want && substr(name, 5, n - 4) ~ /^[0-9][0-9A-Za-z.+]*$/ &&
            (version == "" || substr(name, 5, n - 4) == version) { print name; exit }' "$work/SHA256SUMS"
}

# Man pages and completions go where man and the shells look; .installed names every file outside of the folder of ahn.
places() {
    [ -n "$share" ] || return 0
    for page in "$1"/man/*.1; do [ ! -e "$page" ] || place "$page" "$share/man/man1/${page##*/}" "$1"; done
    [ ! -e "$1/completions/ahn.bash" ] || place "$1/completions/ahn.bash" "$share/bash-completion/completions/ahn" "$1"
    [ ! -e "$1/completions/_ahn" ] || place "$1/completions/_ahn" "$share/zsh/site-functions/_ahn" "$1"
    [ ! -e "$1/completions/ahn.fish" ] || place "$1/completions/ahn.fish" "$share/fish/vendor_completions.d/ahn.fish" "$1"
}

place() {
    makes_folder "$(dirname "$2")"
    cp "$1" "$2" || fail "$2: could not be written"
    echo "$2" >>"$3/.installed"
}

# What an older version placed and the new one does not.
forget() {
    [ -e "$files/.installed" ] || return 0
    while IFS= read -r old; do grep -qxF "$old" "$new/.installed" || rm -f "$old"; done <"$files/.installed"
}

remove() {
    [ -e "$files/.installed" ] ||
        fail "expected an installed ahn in $files, found none; --to names the folder that it was installed into"
    if [ ! -w "$to" ] || [ ! -w "$(dirname "$files")" ]; then
        fail "$to: expected a folder that may be written: run it as the user who installed ahn"
    fi
    while IFS= read -r placed; do rm -f "$placed"; done <"$files/.installed"
    if [ "$(readlink "$to/ahn" 2>/dev/null)" = "$files/ahn" ]; then rm -f "$to/ahn"; fi
    rm -rf "$files"
    say "Uninstalled: $to/ahn and $files. Models, settings and chats are where they were ('ahn config path', the hub's cache)."
}

platform() {
    system=$(uname -s) processor=$(uname -m)
    case $system in
        Linux) system=linux ;;
        Darwin) system=osx ;;
        *) no_platform "$system" ;;
    esac
    case $processor in
        x86_64 | amd64) processor=x64 ;;
        aarch64 | arm64) processor=arm64 ;;
        *) no_platform "$system on $processor" ;;
    esac
    # A shell under Rosetta says x86_64.
    if [ "$system-$processor" = osx-x64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || echo 0)" = 1 ]; then processor=arm64; fi
    platform=$system-$processor
    if [ $system = linux ] && { ldd --version 2>&1 || true; } | grep -qi musl; then no_platform "linux with musl"; fi
    # Images for macOS are not compiled ahead of time, and those for x64 need AVX2.
    [ $system != osx ] || jit=-jit
    if [ $platform = linux-x64 ] && [ -z "$jit" ] && [ -r /proc/cpuinfo ] && ! grep -qw avx2 /proc/cpuinfo; then
        say "This processor has no AVX2: taking the build that compiles while it runs."
        jit=-jit
    fi
}

no_platform() {
    fail "there is no archive for $1: expected Linux (glibc) or macOS on x86-64 or arm64; with the .NET 10 SDK: dotnet tool install --global ahn"
}

source_of_archives() {
    from=${AHN_INSTALL_FROM:-$released_at}
    if [ -z "$from" ]; then
        origin=''
        # Read from a pipe, this script has no folder, and the folder that the reader is in may be another project's.
        case $0 in *install.sh) origin=$(git -C "$(dirname -- "$0")" remote get-url origin 2>/dev/null || true) ;; esac
        origin=${origin%.git}
        case $origin in
            https://*) from=$origin/releases ;;
            git@*:*) origin=${origin#git@}; from=https://${origin%%:*}/${origin#*:}/releases ;;
            *) fail "expected to know where releases lie: set AHN_INSTALL_FROM to an address or a folder.
$(from_a_clone)" ;;
        esac
        if [ -n "$version" ]; then from=$from/download/v$version; else from=$from/latest/download; fi
    fi
    from=${from%/}
    case $from in
        file://*) from=${from#file://} ;;
        http://* | https://*) has curl || has wget || fail "expected curl or wget to fetch $from with, found neither: install one of them" ;;
    esac
}

not_fetched() {
    fail "$from/$1 could not be fetched: there is no such release, or no network; AHN_INSTALL_FROM names another place.
$(from_a_clone)"
}

# take NAME: from where the archives lie into $work.
take() {
    case $from in
        http://* | https://*)
            if has curl; then
                curl -fsSL --retry 2 --connect-timeout 20 -o "$work/$1" "$from/$1" || not_fetched "$1"
            else
                wget -q -T 60 -O "$work/$1" "$from/$1" || not_fetched "$1"
            fi
            ;;
        *)
            [ -r "$from/$1" ] || fail "$from/$1: expected a file, found none that may be read; AHN_INSTALL_FROM names the folder of the archives"
            cp "$from/$1" "$work/$1" || fail "$1: could not be copied to $work"
            ;;
    esac
}

# What works today, wherever no release can be had.
from_a_clone() {
    cat <<'END'
In a clone, with the .NET 10 SDK (https://dot.net), this compiles ahn and runs it where it is:
    ./ahn demo
and these two commands make an archive of it and install that:
    ./publish.sh jit-here archives
    AHN_INSTALL_FROM=artifacts/download/release sh install.sh
END
}

sum_program() {
    has sha256sum || has shasum || has openssl || fail "expected sha256sum, shasum or openssl to prove the archive with, found none: install one"
}

sum() {
    if has sha256sum; then sha256sum <"$1" | cut -d ' ' -f 1
    elif has shasum; then shasum -a 256 <"$1" | cut -d ' ' -f 1
    else openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1
    fi
}

makes_folder() {
    if ! mkdir -p "$1" 2>/dev/null || [ ! -w "$1" ]; then
        fail "$1: expected a folder that may be written, and this user may not: choose another with --to FOLDER, or run this as one who may"
    fi
}

main "$@"
