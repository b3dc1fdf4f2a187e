#!/usr/bin/env bash
# Checks and measures the GPU kernels on a machine that has a GPU and no .NET, for bench/results/h200.md. Run it in the root of a clone
# there.
#
# The folder .cuda, made before and taken along, holds what the machine lacks:
#   ahn, AhnSharp.Gpu.Checks    JIT single files: dotnet publish PROJECT -r linux-x64 --self-contained -p:PublishSingleFile=true
#   kernels.py, table.py        the scripts beside this one
#   recall.json                 recall chats, as 'ahn recall --set' takes them
#
#   bench/device/drive.sh                         all steps, on the first CUDA device
#   STEPS="checks demo" bench/device/drive.sh     some of them
#
# Variables, with their defaults:
#   DEVICE=cuda            as --device takes it
#   STEPS="checks upload bench speed ncu demo flat"
#   MODELS=/dev/shm        where the two models of random weights are written: 13 GB at 7B
#   SIZE=7B                their shapes, as 'ahn synth' names them
#   OUT=/tmp/out           where results go
#   PROMPTS=512,4096  DEPTHS_Q8=0,9000,131072  DEPTHS_Q4=0,9000     of the step bench
set -uo pipefail # a step that fails is printed and the next one runs: the machine is lent by the minute

DEVICE=${DEVICE:-cuda}
STEPS=${STEPS:-checks upload bench speed ncu demo flat}
MODELS=${MODELS:-/dev/shm}
SIZE=${SIZE:-7B}
OUT=${OUT:-/tmp/out}
PROMPTS=${PROMPTS:-512,4096}
DEPTHS_Q8=${DEPTHS_Q8:-0,9000,131072}
DEPTHS_Q4=${DEPTHS_Q4:-0,9000}

export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
ahn=.cuda/ahn
checks=.cuda/AhnSharp.Gpu.Checks
demo=(--model gguf/ahn-demo-q8_0.gguf)
book=(-f gguf/dracula.txt)
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

for file in "$ahn" "$checks" .cuda/kernels.py .cuda/table.py; do
    [[ -f $file ]] || { echo "bench/device/drive.sh: expected $file, found none; the head of this script says what it is" >&2; exit 1; }
done
chmod +x "$ahn" "$checks"
mkdir -p "$OUT"
# Beside the program, as a build has it.
fixtures=$(find tests -maxdepth 2 -type d -name Fixtures | head -1)
[[ -z $fixtures ]] || cp -r "$fixtures" .cuda/

say() { echo "== $(date +%T) $*"; }

# Every check, twelve at a time: each filter is a run of its own.
step_checks() {
    local filters=(
        "layer of Q8" "layer of Q4" "layer of Q5" "layer of F" "a layer of full" "a model over"
        "golden" "products of F" "products of Q" "keys and values" "RMSNorm" "largest" "likeliest"
        "DeltaNet, steps" "DeltaNet, chunks" "DeltaNet, pieces" "Mamba2, " "flat state"
        "snapshots" "batches" "forks" "full, with" "window without" "cancellation"
    )
    printf '%s\n' "${filters[@]}" |
        timeout 100 xargs -P 12 -I{} sh -c "timeout 90 $checks $DEVICE '{}' >'$temporary/check {}.txt' 2>&1 || true"
    cat "$temporary"/check*.txt >"$OUT/checks.txt"
    echo "$(grep -c '^passed' "$OUT/checks.txt") passed; what else was printed:"
    # The device is named in the first line of each, and in the name of every check.
    grep -v -e '^passed' -e 'passed,' -e '^cuda' "$OUT/checks.txt" | head -20
}

# Loading from the system's cache, then from the disk: what reading it directly gives, and what loading from there gives.
step_upload() {
    local cold=$temporary/q4.gguf
    timeout 40 "$checks" "$DEVICE" upload "$MODELS/q8.gguf"
    cp "$MODELS/q4.gguf" "$cold"
    sync
    dd if="$cold" of=/dev/null bs=16M iflag=direct 2>&1 | tail -1
    echo 3 >/proc/sys/vm/drop_caches
    timeout 60 "$checks" "$DEVICE" load "$cold"
    rm -f "$cold"
}

# bench_of TYPE-OF-FILE NAME DEPTHS SECONDS
bench_of() {
    timeout "$4" "$ahn" bench --device "$DEVICE" -m "$MODELS/$1.gguf" -p "$PROMPTS" -n 64 -d "$3" --window 8192 --sinks 128 -r 3 --json \
        >"$OUT/$2.json" 2>"$temporary/$2.err"
    tail -3 "$temporary/$2.err"
}

step_bench() {
    bench_of q8 q8_0 "$DEPTHS_Q8" 120
    bench_of q4 q4_k_m "$DEPTHS_Q4" 80
    python3 .cuda/table.py "$OUT/q8_0.json" "$OUT/q4_k_m.json"
}

# One decoder layer, 50 times; of Q4_K_M files one half of the layers has Q6_K in two matrices.
step_speed() {
    local types
    for types in "Q8_0 Q8_0" "Q4_K Q6_K" "Q4_K Q4_K"; do
        timeout 40 "$checks" "$DEVICE" speed $types 50 # two words
    done
}

# Each kernel of a layer by NVIDIA's profiler.
step_ncu() {
    local types name metrics=(
        gpu__time_duration.sum dram__bytes_read.sum dram__bytes_write.sum
        sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active sm__warps_active.avg.pct_of_peak_sustained_active
        launch__registers_per_thread sm__inst_executed.sum smsp__issue_active.avg.pct_of_peak_sustained_active
    )
    for types in "Q8_0 Q8_0" "Q4_K Q6_K"; do
        name=${types%% *}
        timeout 70 ncu --clock-control none --metrics "$(IFS=,; echo "${metrics[*]}")" --csv --page raw "$checks" "$DEVICE" speed $types 0 \
            >"$temporary/$name.csv" 2>"$temporary/$name.err"
        tail -2 "$temporary/$name.err"
        echo "-- $types"
        python3 .cuda/kernels.py "$temporary/$name.csv" | tee "$OUT/kernels_$name.txt"
    done
}

# perplexity TOKENS MEMORY OUTPUT: one line of JSON, of the demo model over the book.
perplexity() {
    timeout 60 "$ahn" perplexity "${demo[@]}" "${book[@]}" --tokens "$1" --memory "$2" --context 20000 --device "$DEVICE" --json 2>&1 |
        tr '\n' ' ' | cut -c1-400 >"$3"
}

# The demo model: perplexity and recall by memory, and the golden run under compute-sanitizer; all at once, for none fills the device.
step_demo() {
    local memory running=() results=()
    for memory in ahn window full; do
        perplexity 16384 $memory "$temporary/perplexity_$memory.txt" &
        running+=($!)
    done
    for memory in ahn window; do
        timeout 80 "$ahn" recall "${demo[@]}" --set .cuda/recall.json --memory $memory --device "$DEVICE" 2>&1 | tail -14 >"$temporary/recall_$memory.txt" &
        running+=($!)
    done
    timeout 90 compute-sanitizer --tool memcheck "$checks" "$DEVICE" "golden gated" 2>&1 | tail -4 >"$temporary/sanitizer.txt" &
    running+=($!)
    wait "${running[@]}"
    results=("$temporary"/perplexity_*.txt "$temporary"/recall_*.txt "$temporary/sanitizer.txt")
    for memory in "${results[@]}"; do
        echo "-- $(basename "$memory" .txt)"
        cat "$memory"
    done
}

# The demo model reads 131,072 tokens; the device's memory meanwhile in MiB, each value once with how often it was seen.
step_flat() {
    local reader
    perplexity 131072 ahn "$temporary/flat.txt" &
    reader=$!
    while kill -0 $reader 2>/dev/null; do
        nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits
        sleep 0.2
    done | uniq -c
    wait $reader
    cat "$temporary/flat.txt"
    echo
}

# The models that upload and bench need, made while the checks run.
synthesize() {
    timeout 60 "$ahn" synth "$SIZE" q8_0 --ahn gdn -o "$MODELS/q8.gguf"
    timeout 90 "$ahn" synth "$SIZE" q4_k_m --ahn gdn -o "$MODELS/q4.gguf"
}

say start
nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
df -h /tmp "$MODELS" | tail -2
free -g | head -2

synthesizing=
if [[ " $STEPS " == *" upload "* || " $STEPS " == *" bench "* ]]; then
    synthesize >"$temporary/synth.txt" 2>&1 &
    synthesizing=$!
fi
for step in $STEPS; do
    if [[ ($step == upload || $step == bench) && -n $synthesizing ]]; then
        wait $synthesizing
        cat "$temporary/synth.txt"
        synthesizing=
    fi
    say "$step"
    if declare -F "step_$step" >/dev/null; then "step_$step"; else echo "bench/device/drive.sh: expected a step of: checks upload bench speed ncu demo flat, found '$step'"; fi
done
say end
