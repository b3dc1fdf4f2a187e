using System;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>
/// The largest logits of rows: parts of 1,024 are sorted, the first 64 of each are the candidates of the next
/// round, until one part is left.
/// </summary>
internal sealed class TopKernel
{
    // What a group of threads sorts in shared memory.
    private const int MaxLength = 1024;

    private readonly int _groupSize, _vocabulary;
    private readonly ArrayView<ulong>[] _rounds;
    private readonly Action<KernelConfig, ArrayView<float>, int, int, ArrayView<ulong>> _first;
    private readonly Action<KernelConfig, ArrayView<ulong>, int, int, ArrayView<ulong>> _next;

    public TopKernel(Accelerator accelerator, int groupSize, GpuShape shape, GpuScratch scratch)
    {
        (_groupSize, _vocabulary) = (groupSize, shape.Vocabulary);
        int first = Parts(_vocabulary);
        // Two buffers take turns.
        _rounds =
        [
            scratch.Take<ulong>((long)scratch.LogitRows * first * TopKey.Count),
            scratch.Take<ulong>((long)scratch.LogitRows * Parts(first * TopKey.Count) * TopKey.Count),
        ];
        _first = accelerator.LoadStreamKernel<ArrayView<float>, int, int, ArrayView<ulong>>(OfLogits);
        _next = accelerator.LoadStreamKernel<ArrayView<ulong>, int, int, ArrayView<ulong>>(OfKeys);
    }

    /// <summary>
    /// The <see cref="TopKey.Count"/> first keys of each row, [rows][Count], in order; <see cref="TopKey.None"/> behind the last
    /// token. Valid until the next call.
    /// </summary>
    public ArrayView<ulong> Run(ArrayView<float> logits, int rows)
    {
        int parts = Parts(_vocabulary), round = 0;
        _first(Config(parts, rows), logits, _vocabulary, LengthFor(_vocabulary), _rounds[0]);
        while (parts > 1)
        {
            int length = parts * TopKey.Count;
            parts = Parts(length);
            _next(Config(parts, rows), _rounds[round], length, LengthFor(length), _rounds[1 - round]);
            round = 1 - round;
        }
        return _rounds[round].SubView(0, (long)rows * TopKey.Count);
    }

    private static int Parts(int length) => (length + MaxLength - 1) / MaxLength;

    // A power of two, at least as many as are kept.
    private static int LengthFor(int count)
    {
        int length = TopKey.Count;
        while (length < count && length < MaxLength) length *= 2;
        return length;
    }

    private KernelConfig Config(int parts, int rows) => new(new Index3D(parts, rows, 1), new Index3D(_groupSize, 1, 1));

    private static void OfLogits(ArrayView<float> logits, int vocabulary, int length, ArrayView<ulong> result)
    {
        ArrayView<ulong> keys = SharedMemory.Allocate<ulong>(MaxLength);
        long from = (long)Grid.IdxY * vocabulary;
        for (int i = Group.IdxX; i < length; i += Group.DimX)
        {
            int id = Grid.IdxX * MaxLength + i;
            keys[i] = id < vocabulary ? TopKey.Of(logits[from + id], id) : TopKey.None;
        }
        Keep(keys, length, result);
    }

    private static void OfKeys(ArrayView<ulong> candidates, int count, int length, ArrayView<ulong> result)
    {
        ArrayView<ulong> keys = SharedMemory.Allocate<ulong>(MaxLength);
        long from = (long)Grid.IdxY * count;
        for (int i = Group.IdxX; i < length; i += Group.DimX)
        {
            int at = Grid.IdxX * MaxLength + i;
            keys[i] = at < count ? candidates[from + at] : TopKey.None;
        }
        Keep(keys, length, result);
    }

    /// <summary>Sorts by Batcher's bitonic network and keeps the first.</summary>
    private static void Keep(ArrayView<ulong> keys, int length, ArrayView<ulong> result)
    {
        Group.Barrier();
        for (int run = 2; run <= length; run *= 2)
        {
            for (int distance = run / 2; distance > 0; distance /= 2)
            {
                for (int pair = Group.IdxX; pair < length / 2; pair += Group.DimX)
                {
                    int low = 2 * pair - (pair & (distance - 1)), high = low + distance;
                    ulong a = keys[low], b = keys[high];
                    if (a > b == ((low & run) == 0))
                    {
                        keys[low] = b;
                        keys[high] = a;
                    }
                }
                Group.Barrier();
            }
        }
        long to = ((long)Grid.IdxY * Grid.DimX + Grid.IdxX) * TopKey.Count;
        for (int i = Group.IdxX; i < TopKey.Count; i += Group.DimX) result[to + i] = keys[i];
    }
}
