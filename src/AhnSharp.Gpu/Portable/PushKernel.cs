using System;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>Tokens enter the exact memory: one group per row rotates q, stores k and v, and finishes the gates.</summary>
internal sealed class PushKernel
{
    /// <summary>The kind of the rule as kernels know it.</summary>
    public const int DeltaNet = 0, GatedDeltaNet = 1, Mamba2 = 2;

    private readonly int _groupSize;
    private readonly Lazy<Action<KernelConfig, ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        ArrayView<ushort>, ArrayView<ushort>,
        ArrayView<float>, ArrayView<float>, PartShape>> _push;

    public PushKernel(Accelerator accelerator, int groupSize)
    {
        _groupSize = groupSize;
        _push = new(() =>
            accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<ushort>, ArrayView<ushort>, ArrayView<float>, ArrayView<float>, PartShape>(PushRow));
    }

    /// <param name="scratch">Activations of the pass.</param>
    /// <param name="ring">Where to.</param>
    /// <param name="constants">[3][H]: exp(A_log), dt_bias, gate bias; zeros where the kind has none.</param>
    /// <param name="shape">The part.</param>
    public void Run(GpuScratch scratch, GpuRing ring, ArrayView<float> constants, PartShape shape) => _push.Value(
        new KernelConfig(shape.Count, _groupSize), scratch.Table, scratch.Query, scratch.Key, scratch.Value, scratch.Gates,
        ring.Keys.Cast<ushort>(), ring.Values.Cast<ushort>(), ring.Gates, constants, shape);

    private static void PushRow(
        ArrayView<int> table, ArrayView<float> query, ArrayView<float> key, ArrayView<float> value, ArrayView<float> gates,
        ArrayView<ushort> ringKeys,
        ArrayView<ushort> ringValues, ArrayView<float> ringGates, ArrayView<float> constants, PartShape s)
    {
        int row = s.Row + Grid.IdxX, slot = s.Ring.Slot(s.Position + Grid.IdxX), d = s.HeadDim, half = d / 2;
        long cos = 2L * s.PassRows + (long)row * half, sin = cos + (long)s.PassRows * half;
        long q = (long)row * s.Heads * d, kv = (long)row * s.KvHeads * d, words = (long)slot * s.KvHeads * s.RowWords;
        for (int i = Group.IdxX; i < s.Heads * half; i += Group.DimX)
        {
            int pair = i % half;
            long at = q + (long)(i / half) * d + pair;
            float c = Interop.IntAsFloat((uint)table[cos + pair]), w = Interop.IntAsFloat((uint)table[sin + pair]), a = query[at],
                b = query[at + half];
            query[at] = a * c - b * w;
            query[at + half] = b * c + a * w;
        }
        if (s.Type == RingEntry.Q8)
        {
            for (int block = Group.IdxX; block < s.KvHeads * d / 32; block += Group.DimX)
            {
                int head = block * 32 / d, first = block * 32 % d;
                StoreBlock(table, key, kv + (long)head * d, first, cos, sin, ringKeys, words + (long)head * s.RowWords, d, true);
                StoreBlock(table, value, kv + (long)head * d, first, cos, sin, ringValues, words + (long)head * s.RowWords, d, false);
            }
        }
        else
        {
            for (int i = Group.IdxX; i < s.KvHeads * d; i += Group.DimX)
            {
                int head = i / d, entry = i % d;
                long to = words + (long)head * s.RowWords;
                Store(ringKeys, to, entry, s.Type, Rotated(table, key, kv + (long)head * d, entry, half, cos, sin));
                Store(ringValues, to, entry, s.Type, value[kv + i]);
            }
        }
        if (s.Gates == 0) return;
        for (int i = Group.IdxX; i < s.GateWidth; i += Group.DimX)
        {
            long at = (long)row * s.GateWidth + i;
            float x = gates[at];
            if (i >= s.Gates)
            {
                x += constants[2 * s.Heads + i - s.Gates];
                gates[at] = x * Sigmoid(x);
            }
            else if (s.Kind == Mamba2) ringGates[(long)slot * s.Gates + i] = Softplus(x + constants[s.Heads + i]);
            else if (i < s.Heads) ringGates[(long)slot * s.Gates + i] = Sigmoid(x);
            else ringGates[(long)slot * s.Gates + i] = -constants[i - s.Heads] * Softplus(x + constants[i]);
        }
    }

    private static float Sigmoid(float x) => 1 / (1 + XMath.Exp(-x));

    // ln(1 + e^x). The sum 1 + e is rounded; what ln makes of the rounded sum is put right by the ratio of e to what was really added.
    private static float Softplus(float x)
    {
        if (x > 20) return x;
        float e = XMath.Exp(x), sum = 1 + e;
        return sum == 1 ? e : XMath.Log(sum) * (e / (sum - 1));
    }

    private static float Rotated(ArrayView<int> table, ArrayView<float> key, long head, int entry, int half, long cos, long sin)
    {
        int pair = entry < half ? entry : entry - half;
        float c = Interop.IntAsFloat((uint)table[cos + pair]), w = Interop.IntAsFloat((uint)table[sin + pair]), a = key[head + pair],
            b = key[head + pair + half];
        return entry < half ? a * c - b * w : b * c + a * w;
    }

    private static void Store(ArrayView<ushort> words, long row, int entry, int type, float value)
    {
        if (type == RingEntry.F16) words[row + entry] = Words.FromFloat(value);
        else
        {
            uint bits = Interop.FloatAsInt(value);
            words[row + 2L * entry] = (ushort)bits;
            words[row + 2L * entry + 1] = (ushort)(bits >> 16);
        }
    }

    private static void StoreBlock(
        ArrayView<int> table, ArrayView<float> from, long head, int first, long cos, long sin, ArrayView<ushort> words, long row,
        int d, bool rotate)
    {
        float largest = 0;
        for (int i = 0; i < 32; i++)
        {
            float x = XMath.Abs(Entry(table, from, head, first + i, d, cos, sin, rotate));
            if (x > largest) largest = x;
        }
        ushort scaleBits = Words.FromFloat(largest / 127);
        float scale = Words.Half(scaleBits), inverse = scale == 0 ? 0 : 1 / scale;
        words[row + d / 2 + first / 32] = scaleBits;
        for (int i = 0; i < 32; i += 2)
        {
            int low = Quantized(Entry(table, from, head, first + i, d, cos, sin, rotate) * inverse);
            int high = Quantized(Entry(table, from, head, first + i + 1, d, cos, sin, rotate) * inverse);
            words[row + (first + i) / 2] = (ushort)((low & 0xFF) | ((high & 0xFF) << 8));
        }
    }

    private static float Entry(ArrayView<int> table, ArrayView<float> from, long head, int entry, int d, long cos, long sin, bool rotate) =>
        rotate ? Rotated(table, from, head, entry, d / 2, cos, sin) : from[head + entry];

    // Adding and taking away 1.5·2^23 rounds to whole numbers, halves to even.
    private static int Quantized(float x)
    {
        int q = (int)(Interop.FloatAsInt(x + 12582912f) - 0x4B400000u);
        return q > 127 ? 127 : q < -127 ? -127 : q;
    }
}
