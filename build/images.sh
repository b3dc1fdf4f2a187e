# How images are compiled ahead of time here, and how those of the other architecture are started: read by publish.sh and tests/images/run.
# shellcheck shell=bash disable=SC2034

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    *) echo "expected a machine of x86_64 or aarch64, found $(uname -m)" >&2; exit 1 ;;
esac

# Analyzers have their say when the solution is built; here they would double the time of every image.
quiet=(-c Release --nologo -v quiet -p:DebugType=none -p:RunAnalyzers=false)
aot=(-p:PublishAot=true -p:StripSymbols=true)
native=(-p:CppCompilerAndLinker=gcc)
cross=(-p:CppCompilerAndLinker=clang -p:LinkerFlavor=lld -p:ObjCopyName=aarch64-linux-gnu-objcopy)

# Where Debian's libc6:arm64 is installed, its loader and its C library belong together. With -L the cross compiler's loader would be taken
# with that C library,
# and a program would spin for ever in its first pthread_create: the two disagree on where the list of thread stacks lies.
emulator=(qemu-aarch64-static)
[[ -e /lib/ld-linux-aarch64.so.1 ]] || emulator+=(-L /usr/aarch64-linux-gnu)

needs_for_arm64="needs clang lld gcc-aarch64-linux-gnu and, for arm64, zlib1g-dev libc6-dev libgcc-12-dev (.ci/prepare installs them)"

has_cross() {
    command -v clang >/dev/null && command -v ld.lld >/dev/null && command -v aarch64-linux-gnu-objcopy >/dev/null && [[ -d /usr/lib/aarch64-linux-gnu ]]
}

has_emulator() {
    command -v "${emulator[0]}" >/dev/null && [[ -e /lib/ld-linux-aarch64.so.1 || -e /usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1 ]]
}

has_avx512() {
    local flag
    for flag in avx512f avx512dq avx512cd avx512bw avx512vl; do grep -qm1 "\b$flag\b" /proc/cpuinfo || return 1; done
}
