using System;
using System.Numerics;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>The compressed memory: what leaves the window is folded in and each query reads; then norm, gate and projection.</summary>
/// <remarks>
/// Columns of M do not touch each other: o_c and what is added to column c need M[:, c] alone. A group takes the columns of one head that
/// fit into shared memory (16 KiB), streams all evicted tokens through them, and reads and writes the state once a pass: decoding one token
/// and folding a whole chunk are the same kernel. The threads of a column share its rows.
/// </remarks>
internal sealed class RecallKernel
{
    private const int StateFloats = 4096, MaxHeadDim = 512;
    private readonly int _groupSize;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<ushort>, ArrayView<ushort>, ArrayView<float>, ArrayView<float>,
        ArrayView<float>, ArrayView<float>, int,
        PartShape>> _fold;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        PartShape>> _project;

    public RecallKernel(Accelerator accelerator, int groupSize)
    {
        _groupSize = groupSize;
        _fold = new(() =>
            accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<ushort>, ArrayView<ushort>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, int, PartShape>(UpdateAndRead));
        _project = new(() =>
            accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
                PartShape>(GateAndProject));
    }

    /// <param name="scratch">Activations of the pass.</param>
    /// <param name="part">The part.</param>
    /// <param name="constants">As <see cref="PushKernel.Run"/> takes them.</param>
    /// <param name="norm">[D], or [H·D] of Mamba2.</param>
    /// <param name="projection">[H, D in, D out].</param>
    /// <param name="shape">The part again.</param>
    public void Run(GpuScratch scratch, in GpuPart part, ArrayView<float> constants, ArrayView<float> norm, ArrayView<float> projection,
        PartShape shape)
    {
        int most = Math.Min(Math.Min(_groupSize, StateFloats / shape.HeadDim), (int)BitOperations.RoundUpToPowerOf2((uint)shape.HeadDim));
        int columns = 1 << BitOperations.Log2((uint)most);
        _fold.Value(
            new KernelConfig(new Index2D(shape.Heads, (shape.HeadDim + columns - 1) / columns), new Index2D(_groupSize, 1)), scratch.Query,
            part.Ring.Keys.Cast<ushort>(), part.Ring.Values.Cast<ushort>(), part.Ring.Gates, constants, part.State, scratch.Remembered,
            columns, shape);
        _project.Value(
            new KernelConfig(new Index2D(shape.Heads, shape.Evicted), new Index2D(_groupSize, 1)), scratch.Remembered, scratch.Gates, norm,
            projection, scratch.Attended, shape);
    }

    private static void UpdateAndRead(
        ArrayView<float> query, ArrayView<ushort> keys, ArrayView<ushort> values, ArrayView<float> gates, ArrayView<float> constants,
        ArrayView<float> state,
        ArrayView<float> read, int columns, PartShape s)
    {
        ArrayView<float> m = SharedMemory.Allocate<float>(StateFloats), k = SharedMemory.Allocate<float>(MaxHeadDim),
            q = SharedMemory.Allocate<float>(MaxHeadDim);
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        int head = Grid.IdxX, d = s.HeadDim, kvHead = head / (s.Heads / s.KvHeads), c = Group.IdxX % columns, first = Group.IdxX / columns,
            sharers = Group.DimX / columns;
        int column = Grid.IdxY * columns + c;
        bool exists = column < d;
        long matrix = (long)head * d * d + column;
        for (int i = first; i < d; i += sharers) m[i * columns + c] = exists ? state[matrix + (long)i * d] : 0;
        for (int n = 0; n < s.Evicted; n++)
        {
            int local = s.Count - s.Evicted + n, slot = s.Ring.Slot(s.Position + local - s.Ring.Window);
            long entry = ((long)slot * s.KvHeads + kvHead) * s.RowWords, gate = (long)slot * s.Gates + head,
                qRow = ((long)(s.Row + local) * s.Heads + head) * d;
            float kSquares = 0, qSquares = 0;
            for (int i = Group.IdxX; i < d; i += Group.DimX)
            {
                float key = RingEntry.Read(keys, entry, i, d, s.Type), one = query[qRow + i];
                k[i] = key;
                q[i] = one;
                kSquares += key * key;
                qSquares += one * one;
            }
            float kInverse = InverseLength(GroupSum.Of(shared, kSquares), s.Kind),
                qInverse = InverseLength(GroupSum.Of(shared, qSquares), s.Kind);
            if (s.Kind != PushKernel.Mamba2) qInverse /= XMath.Sqrt((float)d);
            float strength = gates[gate], decay = 1;
            if (s.Kind == PushKernel.GatedDeltaNet) decay = XMath.Exp(gates[gate + s.Heads]);
            if (s.Kind == PushKernel.Mamba2) decay = XMath.Exp(-strength * constants[head]);

            float predicted = 0;
            if (s.Kind != PushKernel.Mamba2)
            {
                for (int i = first; i < d; i += sharers) predicted += m[i * columns + c] * k[i];
                predicted = decay * kInverse * ColumnSum(shared, predicted, columns, c, sharers);
            }
            float value = exists ? RingEntry.Read(values, entry, column, d, s.Type) : 0,
                add = strength * (value - predicted) * kInverse, answer = 0;
            for (int i = first; i < d; i += sharers)
            {
                float cell = decay * m[i * columns + c] + k[i] * add;
                m[i * columns + c] = cell;
                answer += cell * q[i];
            }
            answer = ColumnSum(shared, answer, columns, c, sharers);
            if (exists && first == 0) read[qRow + column] = answer * qInverse;
        }
        for (int i = first; i < d; i += sharers)
        {
            if (exists) state[matrix + (long)i * d] = m[i * columns + c];
        }
    }

    private static float InverseLength(float squares, int kind)
    {
        if (kind != PushKernel.Mamba2) return 1 / XMath.Sqrt(squares + 1e-6f);
        float length = XMath.Sqrt(squares);
        return 1 / (length > 1e-12f ? length : 1e-12f);
    }

    // The sharers of a column add up their rows. Also the barrier behind which k and q may be overwritten.
    private static float ColumnSum(ArrayView<float> shared, float value, int columns, int c, int sharers)
    {
        shared[Group.IdxX] = value;
        Group.Barrier();
        float sum = 0;
        for (int n = 0; n < sharers; n++) sum += shared[n * columns + c];
        Group.Barrier();
        return sum;
    }

    private static void GateAndProject(
        ArrayView<float> read, ArrayView<float> gates, ArrayView<float> norm, ArrayView<float> projection,
        ArrayView<float> attended, PartShape s)
    {
        ArrayView<float> y = SharedMemory.Allocate<float>(MaxHeadDim), shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        int head = Grid.IdxX, row = s.Row + s.Count - s.Evicted + Grid.IdxY, d = s.HeadDim, width = s.Heads * d;
        long o = (long)row * width, gate = (long)row * s.GateWidth + s.Gates;
        bool together = s.Kind == PushKernel.Mamba2;
        float squares = 0;
        if (together)
        {
            for (int i = Group.IdxX; i < width; i += Group.DimX)
            {
                float gated = read[o + i] * gates[gate + i / d];
                squares += gated * gated;
            }
        }
        else
        {
            for (int i = Group.IdxX; i < d; i += Group.DimX) squares += read[o + (long)head * d + i] * read[o + (long)head * d + i];
        }
        float scale = gates[gate + head] / XMath.Sqrt(GroupSum.Of(shared, squares) / (together ? width : d) + s.Epsilon);
        for (int i = Group.IdxX; i < d; i += Group.DimX) y[i] = read[o + (long)head * d + i] * scale * norm[together ? head * d + i : i];
        Group.Barrier();
        long p = (long)head * d * d;
        for (int j = Group.IdxX; j < d; j += Group.DimX)
        {
            float sum = 0;
            for (int i = 0; i < d; i++) sum += y[i] * projection[p + (long)i * d + j];
            attended[o + (long)head * d + j] += sum;
        }
    }
}
