# Runs in the repository root of a machine with a GPU and no .NET. The folder .cuda holds single files (ahn, AhnSharp.Gpu.Checks), the scripts beside this one and
# recall.json, a set for 'ahn recall'. DEV, M (a folder for models), OUT, STEPS: overridden for a part of it or a try elsewhere.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
DEV=${DEV:-cuda}; M=${M:-/dev/shm}; OUT=${OUT:-/tmp/out}; S=${S:-7B}; STEPS=${STEPS:-checks upload bench speed ncu demo flat}; mkdir -p $OUT
cp -r tests/AhnSharp.Testing/Fixtures .cuda/
A=.cuda/ahn; C=.cuda/AhnSharp.Gpu.Checks; chmod +x $A $C; DEMO="--model gguf/ahn-demo-q8_0.gguf"
say() { echo "== $(date +%T) $*"; }

checks() {
    printf '%s\n' "layer of Q8" "layer of Q4" "layer of Q5" "layer of F" "golden" "products of F" "products of Q" "DeltaNet, steps" "DeltaNet, chunks" "DeltaNet, pieces" "Mamba2, " "keys and values" "snapshots" "batches" "forks" "full, with" "window without" "a model over" "a layer of full" "flat state" "cancellation" "RMSNorm" "largest" "likeliest" > /tmp/filters
    timeout 100 xargs -P 12 -I{} sh -c "timeout 90 $C $DEV '{}' > '/tmp/check {}.txt' 2>&1 || true" < /tmp/filters
    cat /tmp/check*.txt > $OUT/checks.txt; grep -c ^passed $OUT/checks.txt; grep -v -e ^passed -e passed, -e NVIDIA $OUT/checks.txt | head -20
}

# From the system's cache, then from the disk: what reading it directly gives, and what loading from there gives.
upload() {
    timeout 40 $C $DEV upload $M/q8.gguf
    cp $M/q4.gguf /tmp/q4.gguf && sync
    dd if=/tmp/q4.gguf of=/dev/null bs=16M iflag=direct 2>&1 | tail -1
    echo 3 > /proc/sys/vm/drop_caches; timeout 60 $C $DEV load /tmp/q4.gguf
}

bench() {
    timeout 120 $A bench --device $DEV -m $M/q8.gguf -p ${P:-512,4096} -n 64 -d ${D8:-0,9000,131072} --window 8192 --sinks 128 -r 3 --json > $OUT/q8_0.json 2> /tmp/q8_0.err; tail -3 /tmp/q8_0.err
    timeout 80 $A bench --device $DEV -m $M/q4.gguf -p ${P:-512,4096} -n 64 -d ${D4:-0,9000} --window 8192 --sinks 128 -r 3 --json > $OUT/q4_k_m.json 2> /tmp/q4_k_m.err; tail -3 /tmp/q4_k_m.err
    python3 .cuda/table.py $OUT/q8_0.json $OUT/q4_k_m.json
}

speed() { for t in "Q8_0 Q8_0" "Q4_K Q6_K" "Q4_K Q4_K"; do timeout 40 $C $DEV speed $t 50; done; }

ncu_kernels() {
    metrics=gpu__time_duration.sum,dram__bytes_read.sum,dram__bytes_write.sum,sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active,sm__warps_active.avg.pct_of_peak_sustained_active,launch__registers_per_thread,sm__inst_executed.sum,smsp__issue_active.avg.pct_of_peak_sustained_active
    for t in "Q8_0 Q8_0" "Q4_K Q6_K"; do
        n=${t%% *}; timeout 70 ncu --clock-control none --metrics $metrics --csv --page raw $C $DEV speed $t 0 > /tmp/ncu_$n.csv 2>/tmp/ncu_$n.err; tail -2 /tmp/ncu_$n.err
        echo "-- $t"; python3 .cuda/kernels.py /tmp/ncu_$n.csv | tee $OUT/kernels_$n.txt
    done
}

demo() {
    pids=
    for m in ahn window full; do (timeout 60 $A perplexity $DEMO -f gguf/dracula.txt --tokens 16384 --memory $m --context 20000 --device $DEV --json 2>&1 | tr '\n' ' ' | cut -c1-400 > /tmp/ppl_$m.txt) & pids="$pids $!"; done
    for m in ahn window; do (timeout 80 $A recall $DEMO --set .cuda/recall.json --memory $m --device $DEV 2>&1 | tail -14 > /tmp/recall_$m.txt) & pids="$pids $!"; done
    (timeout 90 compute-sanitizer --tool memcheck $C $DEV "golden gated" 2>&1 | tail -4 > /tmp/sanitizer.txt) & pids="$pids $!"
    wait $pids; for f in /tmp/ppl_*.txt /tmp/recall_*.txt /tmp/sanitizer.txt; do echo "-- $f"; cat $f; done
}

# The demo model reads 131,072 tokens; the device's memory meanwhile, MiB, each value once.
flat() {
    (timeout 60 $A perplexity $DEMO -f gguf/dracula.txt --tokens 131072 --memory ahn --device $DEV --json 2>&1 | tr '\n' ' ' | cut -c1-400 > /tmp/flat.txt) & READER=$!
    while kill -0 $READER 2> /dev/null; do nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits; sleep 0.2; done | uniq -c
    wait $READER; cat /tmp/flat.txt; echo
}

say start; nvidia-smi --query-gpu=name,driver_version --format=csv,noheader; df -h /tmp /dev/shm | tail -2; free -g | head -2
case " $STEPS " in *" upload "* | *" bench "*) (timeout 60 $A synth $S q8_0 --ahn gdn -o $M/q8.gguf; timeout 90 $A synth $S q4_k_m --ahn gdn -o $M/q4.gguf) > /tmp/synth.txt 2>&1 & SYNTH=$! ;; esac
for step in $STEPS; do
    case $step in upload | bench) [ -z "$SYNTH" ] || { wait $SYNTH; cat /tmp/synth.txt; SYNTH=; } ;; esac
    say $step
    case $step in ncu) ncu_kernels ;; *) $step ;; esac
done
say end
