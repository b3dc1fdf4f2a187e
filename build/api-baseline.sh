#!/usr/bin/env bash
# Writes anew what the libraries promise: PublicAPI.Unshipped.txt of every project that says <ApiBaseline>true</ApiBaseline>, which is
# what became public and what is gone (*REMOVED*) since PublicAPI.Shipped.txt. A build fails where the lists and the code differ; run
# this, and read the difference before it is committed.
#   build/api-baseline.sh             all such projects
#   build/api-baseline.sh PROJECT...  some of them, by name (AhnSharp.Hub)
#   build/api-baseline.sh --ship      at a release: what is unshipped becomes shipped
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export LC_ALL=C
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# entries FILE: its lines, sorted.      list FILE: a file of the lines that come in.
entries() { sed 's/\r$//; /^#nullable enable$/d; /^$/d' "$1" | sort -u; }
list() { { echo '#nullable enable'; cat; } >"$1"; }
fail() { echo "build/api-baseline.sh: $*" >&2; exit 1; }

ship=no
[[ ${1:-} != --ship ]] || { ship=yes; shift; }
projects=("$@")
[[ $# -gt 0 ]] || mapfile -t projects < <(grep -l '<ApiBaseline>true</ApiBaseline>' src/*/*.csproj | xargs -n1 dirname | xargs -n1 basename)

for project in "${projects[@]}"; do
    folder=src/$project
    [[ -f $folder/$project.csproj ]] || fail "expected the name of a project under src, found '$project'"
    grep -q '<ApiBaseline>true</ApiBaseline>' "$folder/$project.csproj" || fail "$project has no <ApiBaseline>true</ApiBaseline>"
    shipped=$folder/PublicAPI.Shipped.txt unshipped=$folder/PublicAPI.Unshipped.txt
    [[ -f $shipped ]] || echo '#nullable enable' >"$shipped"
    entries "$shipped" >"$temporary/shipped"

    # All that is public, from nothing: then what is new and what is gone are differences of two sorted lists.
    echo '#nullable enable' | tee "$shipped" >"$unshipped"
    dotnet format analyzers "$folder/$project.csproj" --diagnostics RS0016 --severity warn --verbosity quiet
    entries "$unshipped" >"$temporary/all"
    [[ -s $temporary/all ]] || fail "$project: expected public members, found none; does it build?"
    if [[ $ship == yes ]]; then
        list "$shipped" <"$temporary/all"
        list "$unshipped" </dev/null
    else
        list "$shipped" <"$temporary/shipped"
        { comm -13 "$temporary/shipped" "$temporary/all"; comm -23 "$temporary/shipped" "$temporary/all" | sed 's/^/*REMOVED*/'; } | list "$unshipped"
    fi
    echo "$project: $(($(wc -l <"$folder/PublicAPI.Unshipped.txt") - 1)) members unshipped, $(($(wc -l <"$folder/PublicAPI.Shipped.txt") - 1)) shipped"
done
