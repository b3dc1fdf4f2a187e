#!/usr/bin/env bash
# Everything people download, into artifacts/download (or the folder that PUBLISH_TO names), and a table of sizes and start-up times in
# BUILDS.md there.
#
#   ./publish.sh                all of: jit aot arm64 archives library packages container
#   ./publish.sh aot arm64      some of them
#
# jit        one file with the runtime in it, for linux-x64, linux-arm64, win-x64, osx-arm64, osx-x64; compiles while it runs,
#            for the processor that it finds; jit-here makes that of this machine alone
# aot        linux-x64, compiled ahead of time for AVX2 and for AVX-512, behind a launcher that looks at the
#            processor and starts the right one
# aot-here   the same without the image for AVX-512 where this processor has none: what can be checked here
# arm64      linux-arm64, compiled ahead of time; one image finds sdot by itself
#            (none for Linux with musl: the registry has no packs to compile ahead of time for it, and a JIT file needs libstdc++ and
#            libgcc of musl, which Debian has not, so nobody here could have started it; there the dotnet tool runs)
# archives   of what was made before, in the folder release: an archive per platform and SHA256SUMS, which install.sh takes, Debian
#            packages, and the manifests of Homebrew, Scoop and winget (AHN_RELEASE_URL: where the files will lie)
# library    libahnsharp, shared and static, for C and everything that calls C
# packages   NuGet packages, and the dotnet tool
# container  an image, where the base image can be had
#
# Needs the .NET 10 SDK and gcc with zlib1g-dev; arm64 also clang, lld and the arm64 development files of Debian's multiarch, which
# .ci/prepare installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source build/images.sh
source build/archives.sh

out=${PUBLISH_TO:-artifacts/download}
version=$(sed -nE 's|.*<Version>(.*)</Version>.*|\1|p' Directory.Build.props)
rows=()
skips=()

step() { printf 'publish.sh: %s\n' "$*"; }
skip() { step "skipped: $*"; skips+=("$*"); }

# publish PROJECT RID FOLDER OPTION...
publish() {
    local project=$1 rid=$2 folder=$3
    shift 3
    rm -rf "${out:?}/$folder.new"
    dotnet publish "src/$project" -r "$rid" -o "$out/$folder.new" "${quiet[@]}" "$@"
    find "$out/$folder.new" \( -name '*.pdb' -o -name '*.dbg' -o -name '*.xml' \) -delete
}

# take FOLDER: what publish made replaces what was there
take() {
    rm -rf "${out:?}/$1"
    mv "$out/$1.new" "$out/$1"
}

fail() { printf 'publish.sh: %s\n' "$*" >&2; exit 1; }

# start FILE: puts the median of 11 starts into $took. What does not start, or says anything else than its version, is an error and
# not a number.
start() {
    local times=() from to found
    for _ in 1 2 3 4 5 6 7 8 9 10 11; do
        from=$(date +%s%N)
        found=$("$1" --version 2>&1) || fail "$1 --version ended with $?: $found"
        to=$(date +%s%N)
        [[ $found == "$version "* ]] || fail "$1 --version: expected '$version' first, found: $found"
        times+=($(((to - from) / 10000)))
    done
    took=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 6p | awk '{ printf "%.1f ms", $1 / 100 }')
}

# start_emulated FILE: the same, once; what an emulated start takes says nothing.
start_emulated() {
    local found
    has_emulator || { took="not run here"; return 0; }
    found=$(timeout -s KILL 60 "${emulator[@]}" "$1" --version 2>&1) || fail "$1 --version, emulated, ended with $?: $found"
    [[ $found == "$version "* ]] || fail "$1 --version, emulated: expected '$version' first, found: $found"
    took="runs (emulated: its time says nothing)"
}

# row WHAT FILE START
row() {
    local size
    [[ -s $out/$2 ]] || fail "$1: expected the file $out/$2, found none or an empty one"
    size=$(stat -c %s "$out/$2" | awk '{ printf "%.1f MB", $1 / 1e6 }')
    rows+=("| $1 | \`$2\` | $size | $3 |")
    step "$2: $size, $3"
}

jit() { jits linux-x64 linux-arm64 win-x64 osx-arm64 osx-x64; }

jit-here() { jits "linux-$machine"; }

jits() {
    local rid file
    for rid in "$@"; do
        file=ahn
        [[ $rid == win-* ]] && file=ahn.exe
        step "JIT single file for $rid"
        publish AhnSharp.Cli "$rid" "ahn-$rid-jit" --self-contained -p:PublishSingleFile=true -p:PublishTrimmed=true -p:EnableCompressionInSingleFile=true
        take "ahn-$rid-jit"
        case $rid in
            "linux-$machine") start "$out/ahn-$rid-jit/$file" ;;
            linux-arm64) start_emulated "$out/ahn-$rid-jit/$file" ;;
            *) took="not run here" ;;
        esac
        row "JIT, $rid" "ahn-$rid-jit/$file" "$took"
    done
}

aot-here() { if has_avx512; then aot; else aot without-avx512; fi; }

# aot [without-avx512]
aot() {
    [[ $machine == x64 ]] || { skip "the images for linux-x64 compiled ahead of time: they are made on such a machine"; return; }
    local folder=ahn-linux-x64
    step "NativeAOT for linux-x64"
    publish AhnSharp.Launcher linux-x64 launcher "${aot[@]}" "${native[@]}"
    publish AhnSharp.Cli linux-x64 v3 "${aot[@]}" "${native[@]}" -p:IlcInstructionSet=x86-64-v3
    [[ -n ${1:-} ]] || publish AhnSharp.Cli linux-x64 v4 "${aot[@]}" "${native[@]}" -p:IlcInstructionSet=x86-64-v4
    mv "$out/v3.new" "$out/$folder.new.tmp"
    rm -rf "${out:?}/$folder.new"
    mv "$out/$folder.new.tmp" "$out/$folder.new"
    mv "$out/$folder.new/ahn" "$out/$folder.new/ahn-x64-v3"
    [[ -n ${1:-} ]] || mv "$out/v4.new/ahn" "$out/$folder.new/ahn-x64-v4"
    mv "$out/launcher.new/ahn-launcher" "$out/$folder.new/ahn"
    rm -rf "$out/v4.new" "$out/launcher.new"
    take $folder
    start $out/$folder/ahn
    row "NativeAOT, linux-x64, launcher" $folder/ahn "$took with the image it starts"
    start $out/$folder/ahn-x64-v3
    row "NativeAOT, linux-x64, AVX2" $folder/ahn-x64-v3 "$took"
    [[ -z ${1:-} ]] || return 0
    if has_avx512; then start $out/$folder/ahn-x64-v4; else took="not run here: no AVX-512"; fi
    row "NativeAOT, linux-x64, AVX-512" $folder/ahn-x64-v4 "$took"
}

arm64() {
    if [[ $machine == arm64 ]]; then
        publish AhnSharp.Cli linux-arm64 ahn-linux-arm64 "${aot[@]}" "${native[@]}"
        take ahn-linux-arm64
        start $out/ahn-linux-arm64/ahn
        row "NativeAOT, linux-arm64" ahn-linux-arm64/ahn "$took"
        return
    fi
    has_cross || { skip "linux-arm64 compiled ahead of time: $needs_for_arm64"; return; }
    step "NativeAOT for linux-arm64"
    publish AhnSharp.Cli linux-arm64 ahn-linux-arm64 "${aot[@]}" "${cross[@]}"
    take ahn-linux-arm64
    start_emulated $out/ahn-linux-arm64/ahn
    row "NativeAOT, linux-arm64" ahn-linux-arm64/ahn "$took"
}

library() {
    local rid=linux-$machine
    step "C library for $rid"
    publish AhnSharp.Native "$rid" "libahnsharp-$rid" "${native[@]}"
    take "libahnsharp-$rid"
    row "C library, shared" "libahnsharp-$rid/libahnsharp.so" "-"
    row "C library, static" "libahnsharp-$rid/libahnsharp.a" "-"
    [[ $machine == x64 ]] || return 0
    has_cross || { skip "the C library for linux-arm64: needs what linux-arm64 needs"; return; }
    step "C library for linux-arm64"
    publish AhnSharp.Native linux-arm64 libahnsharp-linux-arm64 "${cross[@]}"
    take libahnsharp-linux-arm64
    row "C library, shared, linux-arm64" libahnsharp-linux-arm64/libahnsharp.so "-"
}

packages() {
    local file count=0
    step "packages, and the dotnet tool"
    rm -rf "$out/packages"
    dotnet pack -c Release --nologo -v quiet -o "$out/packages"
    for file in "$out"/packages/*.nupkg; do
        row "package" "packages/$(basename "$file")" "-"
        count=$((count + 1))
    done
    [[ $count -ge 7 ]] || fail "expected 7 packages or more in $out/packages, found $count"
}

container() {
    step "container image"
    if dotnet publish src/AhnSharp.Cli -r "linux-$machine" "${quiet[@]}" -t:PublishContainer -p:ContainerArchiveOutputPath="$PWD/$out/ahn-container.tar.gz" >"$out/container.log" 2>&1; then
        row "container image" ahn-container.tar.gz "-"
        rm -f "$out/container.log"
    else
        skip "the container image: $(grep -oE '(error CONTAINER[0-9]+|[A-Za-z]+Exception): [^[]*' "$out/container.log" | head -1 | cut -c1-160 | sed 's/ *$//')"
    fi
}

mkdir -p "$out"
targets=("$@")
[[ $# -gt 0 ]] || targets=(jit aot arm64 archives library packages container)
for target in "${targets[@]}"; do
    case $target in
        jit | jit-here | aot | aot-here | arm64 | archives | library | packages | container) "$target" ;;
        *) echo "publish.sh: expected jit, jit-here, aot, aot-here, arm64, archives, library, packages or container, found '$target'" >&2; exit 2 ;;
    esac
done

{
    echo "| build | file | size | start of \`ahn --version\`, median of 11 |"
    echo "|---|---|---|---|"
    printf '%s\n' "${rows[@]}"
    for skipped in "${skips[@]}"; do echo; echo "Not made: $skipped."; done
} >"$out/BUILDS.md"
cat "$out/BUILDS.md"
