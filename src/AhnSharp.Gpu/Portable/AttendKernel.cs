using System;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>
/// Exact attention: a group takes one query head of one row and a stretch of its visible keys, 256 at a time,
/// with a running maximum and sum.
/// </summary>
/// <remarks>Few rows: the keys are split over groups, whose results (maximum, sum, weighted values) a second kernel joins.</remarks>
internal sealed class AttendKernel
{
    private const int KeyBlock = 256, KeysPerSplit = 512, MaxSplits = 32, FewRows = 8;
    private readonly int _groupSize;
    private readonly ArrayView<float> _partial; // [rows · H][splits][D + 2]: values, maximum, sum
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<ushort>, ArrayView<ushort>, ArrayView<float>, ArrayView<float>,
        PartShape>> _attend;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<float>, PartShape>> _join;

    public AttendKernel(Accelerator accelerator, int groupSize, GpuShape shape, GpuScratch scratch)
    {
        _groupSize = groupSize;
        _partial = scratch.Take<float>((long)FewRows * shape.Heads * MaxSplits * (shape.HeadDim + 2));
        _attend = new(() =>
            accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<ushort>, ArrayView<ushort>, ArrayView<float>, ArrayView<float>,
                PartShape>(AttendGroup));
        _join = new(() => accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, PartShape>(JoinGroup));
    }

    public void Run(GpuScratch scratch, GpuRing ring, PartShape shape)
    {
        int keys = shape.Ring.Visible(shape.Position + shape.Count - 1);
        shape.Splits = shape.Count <= FewRows ? Math.Clamp((keys + KeysPerSplit - 1) / KeysPerSplit, 1, MaxSplits) : 1;
        _attend.Value(
            new KernelConfig(new Index3D(shape.Heads, shape.Count, shape.Splits), new Index3D(_groupSize, 1, 1)), scratch.Query,
            ring.Keys.Cast<ushort>(),
            ring.Values.Cast<ushort>(), _partial, scratch.Attended, shape);
        if (shape.Splits > 1)
        {
            _join.Value(
                new KernelConfig(new Index2D(shape.Heads, shape.Count), new Index2D(_groupSize, 1)), _partial, scratch.Attended, shape);
        }
    }

    private static void AttendGroup(
        ArrayView<float> query, ArrayView<ushort> keys, ArrayView<ushort> values, ArrayView<float> partial,
        ArrayView<float> attended, PartShape s)
    {
        ArrayView<float> q = SharedMemory.Allocate<float>(512), sums = SharedMemory.Allocate<float>(512);
        ArrayView<float> scores = SharedMemory.Allocate<float>(KeyBlock), shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        int head = Grid.IdxX, row = s.Row + Grid.IdxY, t = s.Position + Grid.IdxY, d = s.HeadDim, kvHead = head / (s.Heads / s.KvHeads);
        int visible = s.Ring.Visible(t), each = (visible + s.Splits - 1) / s.Splits, from = Grid.IdxZ * each,
            end = from + each < visible ? from + each : visible;
        long qRow = ((long)row * s.Heads + head) * d;
        float scale = 1 / XMath.Sqrt((float)d);
        for (int i = Group.IdxX; i < d; i += Group.DimX)
        {
            q[i] = query[qRow + i] * scale;
            sums[i] = 0;
        }
        Group.Barrier();
        float maximum = float.NegativeInfinity, sum = 0;
        for (int block = from; block < end; block += KeyBlock)
        {
            int count = end - block < KeyBlock ? end - block : KeyBlock;
            float largest = float.NegativeInfinity;
            for (int j = Group.IdxX; j < count; j += Group.DimX)
            {
                long at = KeyRow(s, block + j, t, kvHead);
                float score = 0;
                for (int i = 0; i < d; i++) score += q[i] * RingEntry.Read(keys, at, i, d, s.Type);
                scores[j] = score;
                if (score > largest) largest = score;
            }
            largest = GroupSum.Largest(shared, largest);
            float next = largest > maximum ? largest : maximum, shrink = XMath.Exp(maximum - next), added = 0;
            for (int j = Group.IdxX; j < count; j += Group.DimX)
            {
                float weight = XMath.Exp(scores[j] - next);
                scores[j] = weight;
                added += weight;
            }
            sum = sum * shrink + GroupSum.Of(shared, added);
            maximum = next;
            for (int i = Group.IdxX; i < d; i += Group.DimX)
            {
                float value = sums[i] * shrink;
                for (int j = 0; j < count; j++) value += scores[j] * RingEntry.Read(values, KeyRow(s, block + j, t, kvHead), i, d, s.Type);
                sums[i] = value;
            }
            Group.Barrier();
        }
        if (s.Splits == 1)
        {
            for (int i = Group.IdxX; i < d; i += Group.DimX) attended[qRow + i] = sums[i] / sum;
            return;
        }
        long to = (((long)Grid.IdxY * s.Heads + head) * s.Splits + Grid.IdxZ) * (d + 2);
        for (int i = Group.IdxX; i < d; i += Group.DimX) partial[to + i] = sums[i];
        if (Group.IdxX == 0)
        {
            partial[to + d] = maximum;
            partial[to + d + 1] = sum;
        }
    }

    private static long KeyRow(PartShape s, int index, int t, int kvHead) =>
        ((long)s.Ring.Slot(s.Ring.PositionOf(index, t)) * s.KvHeads + kvHead) * s.RowWords;

    private static void JoinGroup(ArrayView<float> partial, ArrayView<float> attended, PartShape s)
    {
        int head = Grid.IdxX, d = s.HeadDim, width = d + 2;
        long first = ((long)Grid.IdxY * s.Heads + head) * s.Splits * width, to = ((long)(s.Row + Grid.IdxY) * s.Heads + head) * d;
        float maximum = float.NegativeInfinity, sum = 0;
        for (int n = 0; n < s.Splits; n++)
        {
            float other = partial[first + (long)n * width + d];
            if (other > maximum) maximum = other;
        }
        for (int n = 0; n < s.Splits; n++)
            sum += partial[first + (long)n * width + d + 1] * XMath.Exp(partial[first + (long)n * width + d] - maximum);
        for (int i = Group.IdxX; i < d; i += Group.DimX)
        {
            float value = 0;
            for (int n = 0; n < s.Splits; n++)
            {
                long at = first + (long)n * width;
                value += partial[at + i] * XMath.Exp(partial[at + d] - maximum);
            }
            attended[to + i] = value / sum;
        }
    }
}
