#!/usr/bin/env bash
# Texts at once beside llama.cpp, and clients of a server, on two cores of a machine that has no .NET; the clients run on others. For
# bench/results. Run it in the root of a clone there.
#
# The folder .server, made before and taken along, holds what the machine lacks:
#   ahn       compiled ahead of time: dotnet publish src/AhnSharp.Cli -r linux-x64 -p:PublishAot=true -p:IlcInstructionSet=x86-64-v4
#   atonce/   dotnet publish bench/LLamaSharp/AtOnce -r linux-x64 --self-contained -p:PublishTrimmed=true
#
#   bench/device/server.sh              both; STEPS="clients" one of them
#   OUT=/tmp/out RUNS=3 CORES=0-1 CLIENTS=4-7
set -uo pipefail # a step that fails is printed and the next one runs: the machine is lent by the minute

STEPS=${STEPS:-atonce clients} OUT=${OUT:-/tmp/out} RUNS=${RUNS:-3} CORES=${CORES:-0-1} CLIENTS=${CLIENTS:-4-7}
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
mkdir -p "$OUT"
model=$temporary/1.5B-q4_k_m.gguf
.server/ahn synth 1.5B q4_k_m -o "$model" 2>&1 | tail -1

# A line "RUN TEXTS OURS THEIRS" of tokens/s together; run 0 is not counted.
atonce() {
    local run texts ours seconds
    mkfifo "$temporary/in" "$temporary/out"
    taskset -c "$CORES" .server/atonce/AtOnce "$model" 2 4096 <"$temporary/in" >"$temporary/out" 2>"$OUT/atonce.err" &
    exec 7>"$temporary/in" 8<"$temporary/out"
    for run in $(seq 0 "$RUNS"); do
        for texts in 1 2 4 8 16; do
            ours=$(taskset -c "$CORES" .server/ahn bench -m "$model" -t 2 --memory full --parallel $texts -p 64 -n 16 -r 1 --json 2>>"$OUT/ours.err" |
                python3 -c 'import json,sys; print(json.load(sys.stdin)["levels"][0]["tokens_per_second"])')
            echo "$texts 64 16" >&7
            read -r seconds <&8
            python3 -c "print($run, $texts, $ours, $texts * 16 / $seconds)"
        done
    done >"$OUT/atonce.txt"
    exec 7>&-
    python3 - "$OUT/atonce.txt" <<'END'
import statistics, sys
levels = {}
for line in open(sys.argv[1]):
    run, texts, ours, theirs = line.split()
    if run != '0': levels.setdefault(int(texts), []).append((float(ours), float(theirs)))
print('| texts at once | tokens/s together, ours | llama.cpp | ratio | pairs | over one, ours | llama.cpp |\n|---|---:|---:|---:|---:|---:|---:|')
one = None
for texts, pairs in sorted(levels.items()):
    ours, theirs = (statistics.median(p[i] for p in pairs) for i in (0, 1))
    one = one or (ours, theirs)
    ratios = sorted(a / b for a, b in pairs)
    print(f'| {texts} | {ours:.1f} | {theirs:.1f} | {ours / theirs:.2f} | {ratios[0]:.2f} – {ratios[-1]:.2f} | {ours / one[0]:.2f} × | {theirs / one[1]:.2f} × |')
END
}

# serve NAME MODEL COUNTS WORDS TOKENS REQUESTS
serve() {
    local log="$OUT/serve-${1%% *}.log" server
    taskset -c "$CORES" .server/ahn serve -m "$2" --threads 2 --port 8099 --data "$temporary/data-${1%% *}" >"$log" 2>&1 &
    server=$!
    for _ in $(seq 200); do grep -q Listening "$log" && break; sleep 0.2; done
    timeout 300 taskset -c "$CLIENTS" .server/ahn bench --server http://localhost:8099/v1 --clients "$3" -p "$4" -n "$5" -r "$6" \
        --results "$OUT" --section "Clients of a server, $1" 2>&1 | tail -7
    kill -TERM $server
    wait $server
    grep warn "$log"
}

clients() {
    serve "1.5B Q4_K_M" "$model" 1,8,32 32 32 2
    serve demo gguf/ahn-demo-q8_0.gguf 1,8,32 64 64 5
}

for step in $STEPS; do "$step"; done
