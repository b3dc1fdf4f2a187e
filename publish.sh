#!/usr/bin/env bash
# Everything people download, into artifacts/download, and a table of sizes and start-up times in artifacts/download/BUILDS.md.
#
#   ./publish.sh                all of: jit aot arm64 library packages container
#   ./publish.sh aot arm64      some of them
#
# jit        one file with the runtime in it, for linux-x64, linux-arm64, win-x64, osx-arm64; compiles while it runs, for the processor it finds
# aot        linux-x64, compiled ahead of time for AVX2 and for AVX-512, behind a launcher that looks at the processor and starts the right one
# arm64      linux-arm64, compiled ahead of time; one image finds sdot by itself
# library    libahnsharp, shared and static, for C and everything that calls C
# packages   NuGet packages, and the dotnet tool
# container  an image, where the base image can be had
#
# Needs the .NET 10 SDK and gcc with zlib1g-dev; arm64 also clang, lld and the arm64 development files of Debian's multiarch (the script names them).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source build/images.sh

out=artifacts/download
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

# start COMMAND...: median of 11 starts in milliseconds
start() {
    local times=() from to
    for _ in 1 2 3 4 5 6 7 8 9 10 11; do
        from=$(date +%s%N)
        "$@" --version >/dev/null
        to=$(date +%s%N)
        times+=($(((to - from) / 10000)))
    done
    printf '%s\n' "${times[@]}" | sort -n | sed -n 6p | awk '{ printf "%.1f ms", $1 / 100 }'
}

# row WHAT FILE START
row() {
    local size
    size=$(stat -c %s "$out/$2" | awk '{ printf "%.1f MB", $1 / 1e6 }')
    rows+=("| $1 | \`$2\` | $size | $3 |")
    step "$2: $size, $3"
}

jit() {
    local rid file
    for rid in linux-x64 linux-arm64 win-x64 osx-arm64; do
        file=ahn
        [[ $rid == win-* ]] && file=ahn.exe
        step "JIT single file for $rid"
        publish AhnSharp.Cli "$rid" "ahn-$rid-jit" --self-contained -p:PublishSingleFile=true -p:PublishTrimmed=true -p:EnableCompressionInSingleFile=true
        take "ahn-$rid-jit"
        case $rid in
            "linux-$machine") row "JIT, $rid" "ahn-$rid-jit/$file" "$(start "$out/ahn-$rid-jit/$file")" ;;
            linux-arm64) row "JIT, $rid" "ahn-$rid-jit/$file" "$(start_emulated "$out/ahn-$rid-jit/$file")" ;;
            *) row "JIT, $rid" "ahn-$rid-jit/$file" "not run here" ;;
        esac
    done
}

start_emulated() {
    has_emulator || { echo "not run here"; return; }
    if timeout -s KILL 60 "${emulator[@]}" "$1" --version >/dev/null; then echo "runs (emulated: its time says nothing)"; else echo "FAILS (emulated)"; fi
}

aot() {
    [[ $machine == x64 ]] || { skip "the images for linux-x64 compiled ahead of time: they are made on such a machine"; return; }
    local folder=ahn-linux-x64 level
    step "NativeAOT for linux-x64"
    publish AhnSharp.Launcher linux-x64 launcher "${aot[@]}" "${native[@]}"
    publish AhnSharp.Cli linux-x64 v3 "${aot[@]}" "${native[@]}" -p:IlcInstructionSet=x86-64-v3
    publish AhnSharp.Cli linux-x64 v4 "${aot[@]}" "${native[@]}" -p:IlcInstructionSet=x86-64-v4
    mv "$out/v3.new" "$out/$folder.new.tmp"
    rm -rf "${out:?}/$folder.new"
    mv "$out/$folder.new.tmp" "$out/$folder.new"
    mv "$out/$folder.new/ahn" "$out/$folder.new/ahn-x64-v3"
    mv "$out/v4.new/ahn" "$out/$folder.new/ahn-x64-v4"
    mv "$out/launcher.new/ahn-launcher" "$out/$folder.new/ahn"
    rm -rf "$out/v4.new" "$out/launcher.new"
    take $folder
    row "NativeAOT, linux-x64, launcher" $folder/ahn "$(start $out/$folder/ahn) with the image it starts"
    for level in v3 v4; do
        if [[ $(AHN_LAUNCHER=dry-run $out/$folder/ahn) == *-v3 && $level == v4 ]]; then
            row "NativeAOT, linux-x64, AVX-512" $folder/ahn-x64-$level "not run here: no AVX-512"
        else
            row "NativeAOT, linux-x64, $([[ $level == v3 ]] && echo AVX2 || echo AVX-512)" $folder/ahn-x64-$level "$(start $out/$folder/ahn-x64-$level)"
        fi
    done
}

arm64() {
    if [[ $machine == arm64 ]]; then
        publish AhnSharp.Cli linux-arm64 ahn-linux-arm64 "${aot[@]}" "${native[@]}"
        take ahn-linux-arm64
        row "NativeAOT, linux-arm64" ahn-linux-arm64/ahn "$(start $out/ahn-linux-arm64/ahn)"
        return
    fi
    has_cross || { skip "linux-arm64 compiled ahead of time: needs clang lld gcc-aarch64-linux-gnu and, for arm64, zlib1g-dev libc6-dev libgcc-12-dev (dpkg --add-architecture arm64)"; return; }
    step "NativeAOT for linux-arm64"
    publish AhnSharp.Cli linux-arm64 ahn-linux-arm64 "${aot[@]}" "${cross[@]}"
    take ahn-linux-arm64
    row "NativeAOT, linux-arm64" ahn-linux-arm64/ahn "$(start_emulated $out/ahn-linux-arm64/ahn)"
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
    local project
    rm -rf "$out/packages"
    for project in AhnSharp AhnSharp.Documents AhnSharp.Hub AhnSharp.Gpu; do
        step "package $project"
        dotnet pack "src/$project" -c Release --nologo -v quiet -o "$out/packages"
    done
    step "dotnet tool"
    dotnet pack src/AhnSharp.Cli -c Release --nologo -v quiet -o "$out/packages" -p:PackAsTool=true
    for project in "$out"/packages/*.nupkg; do row "package" "packages/$(basename "$project")" "-"; done
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

mkdir -p $out
targets=("$@")
[[ $# -gt 0 ]] || targets=(jit aot arm64 library packages container)
for target in "${targets[@]}"; do
    case $target in
        jit | aot | arm64 | library | packages | container) "$target" ;;
        *) echo "publish.sh: expected jit, aot, arm64, library, packages or container, found '$target'" >&2; exit 2 ;;
    esac
done

{
    echo "| build | file | size | start of \`ahn --version\`, median of 11 |"
    echo "|---|---|---|---|"
    printf '%s\n' "${rows[@]}"
    for skipped in "${skips[@]}"; do echo; echo "Not made: $skipped."; done
} >$out/BUILDS.md
cat $out/BUILDS.md
