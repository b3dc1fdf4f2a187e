using System;
using System.Collections.Generic;
using AhnSharp.Gguf;
using AhnSharp.Kernels;

namespace AhnSharp.Checks;

/// <summary>Checks of what the kernels of all formats share: packed activations, the thread team, and that nothing is allocated.</summary>
public static class EngineChecks
{
    public static IEnumerable<Check> All()
    {
        foreach (ActivationForm form in (ActivationForm[])[ActivationForm.Bytes32, ActivationForm.Words32, ActivationForm.Bytes256])
        {
            yield return new Check(
                $"activations {form}: every value within half a step of max/127 of its block", null, () => Packing(form));
        }
        yield return new Check("products and small products allocate nothing", null, AllocateNothing);
        yield return new Check("the thread team: 100,000 tiny runs lose no item and allocate nothing", null, TinyRuns);
    }

    private static void Packing(ActivationForm form)
    {
        using var workers = new Workers(2);
        int block = form == ActivationForm.Bytes256 ? 256 : 32;
        foreach (int tokens in (int[])[1, 4, 7])
        {
            Activations x = TokenFill.Random(tokens, 3 * block, 31);
            x.Row(tokens - 1)[..block].Clear();
            x.Pack(form, workers);
            float[] held = new float[x.Columns];
            for (int t = 0; t < tokens; t++)
            {
                x.Packed(form).Dequantize(t, held);
                for (int from = 0; from < x.Columns; from += block)
                {
                    float most = 0;
                    foreach (float value in x.Row(t).Slice(from, block)) most = Math.Max(most, Math.Abs(value));
                    for (int k = from; k < from + block; k++)
                    {
                        double step = most / 127.0, error = Math.Abs(held[k] - x.Row(t)[k]);
                        if (error <= 0.5001 * step) continue;
                        throw new CheckFailedException(
                            $"{tokens} tokens, token {t}, k {k}: {x.Row(t)[k]} is held as {held[k]}, a step is {step}");
                    }
                }
            }
        }
    }

    private static void AllocateNothing()
    {
        using var workers = new Workers(2);
        var x = new Activations();
        var y = new Activations();
        float[] c = new float[33];
        foreach (GgmlType type in Enum.GetValues<GgmlType>())
        {
            byte[] stored = WeightFill.Random(type, 100, 512, 41);
            using WeightMatrix matrix = WeightMatrix.Load(
                type, 100, 512, (byteOffset, destination) => stored.AsSpan((int)byteOffset, destination.Length).CopyTo(destination),
                workers);
            long before = 0;
            for (int i = 0; i < 40; i++)
            {
                // The first rounds grow the buffers and let the runtime compile what it wants.
                if (i == 20) before = GC.GetTotalAllocatedBytes(precise: true);
                x.Reshape(i % 2 == 0 ? 9 : 1, 512);
                x.Values.Fill(i);
                matrix.Multiply(workers, x, y);
                KernelTable.Gemm.Multiply(in x.Array[0], 512, in x.Array[0], 16, ref c[0], 33, 1, 16, 33, accumulate: true);
            }
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            if (allocated != 0) throw new CheckFailedException($"20 products of {type} allocated {allocated} bytes");
        }
    }

    private static void TinyRuns()
    {
        using var workers = new Workers(Math.Max(2, Workers.DefaultCount));
        var counter = new Counter(5);
        for (int i = 0; i < 1000; i++) workers.Run(counter, 5);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < 100_000; i++) workers.Run(counter, 5);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        foreach (int runs in counter.Runs)
        {
            if (runs != 101_000) throw new CheckFailedException($"101,000 runs did an item {runs} times");
        }
        if (allocated != 0) throw new CheckFailedException($"100,000 runs allocated {allocated} bytes");
    }

    private sealed class Counter(int items) : IWork
    {
        public int[] Runs { get; } = new int[items];

        public void Run(int item, int worker) => System.Threading.Interlocked.Increment(ref Runs[item]);
    }
}
