using System;
using System.IO;
using System.Numerics.Tensors;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Gguf;
using AhnSharp.Quants;

namespace AhnSharp.Conversion;

/// <summary>Writes one tensor's values in a GGUF type, a few pieces at a time on all cores, so that no whole tensor is ever in memory.</summary>
internal static class TensorEncoder
{
    // One piece: 4 MB of float32. Small beside any model, large beside a read.
    private const int PieceElements = 1 << 20;

    /// <summary>Fills <paramref name="values"/> with the tensor's values from <paramref name="elementOffset"/> on; called from several threads.</summary>
    public delegate void Source(long elementOffset, Span<float> values);

    /// <param name="stream">Takes the tensor's bytes, in order.</param>
    /// <param name="name">For messages.</param>
    /// <param name="type">F32, F16, BF16 or Q8_0.</param>
    /// <param name="elementCount">All values of the tensor.</param>
    /// <param name="granule">Pieces are multiples of this many values: a row, or a whole matrix where it must be seen at once.</param>
    /// <param name="source">The values.</param>
    /// <param name="cancel">Looked at between pieces.</param>
    public static void Write(Stream stream, string name, GgmlType type, long elementCount, long granule, Source source, CancellationToken cancel)
    {
        int piece = (int)Math.Min(elementCount, Math.Max(granule, PieceElements / granule * granule));
        int lanes = (int)Math.Min(Environment.ProcessorCount, (elementCount + piece - 1) / piece);
        float[][] values = new float[lanes][];
        byte[][] blocks = new byte[lanes][];
        for (long start = 0; start < elementCount; start += (long)piece * lanes)
        {
            cancel.ThrowIfCancellationRequested();
            int used = (int)Math.Min(lanes, (elementCount - start + piece - 1) / piece);
            ForEach(used, lane =>
            {
                long offset = start + (long)lane * piece;
                int count = (int)Math.Min(piece, elementCount - offset);
                values[lane] ??= new float[piece];
                Span<float> w = values[lane].AsSpan(0, count);
                source(offset, w);
                CheckRange(name, type, w);
                blocks[lane] ??= new byte[type.RowBytes(piece)];
                Quantization.Quantize(type, w, blocks[lane].AsSpan(0, (int)type.RowBytes(count)));
            });
            for (int lane = 0; lane < used; lane++)
            {
                int count = (int)Math.Min(piece, elementCount - start - (long)lane * piece);
                stream.Write(blocks[lane].AsSpan(0, (int)type.RowBytes(count)));
            }
        }
    }

    /// <summary>Runs the lanes at once; the first error surfaces as itself, not wrapped.</summary>
    public static void ForEach(int lanes, Action<int> body)
    {
        if (lanes == 1)
        {
            body(0);
            return;
        }
        try
        {
            Parallel.For(0, lanes, body);
        }
        catch (AggregateException e) when (e.InnerException is InvalidModelException or IOException)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
        }
    }

    private static void CheckRange(string name, GgmlType type, ReadOnlySpan<float> w)
    {
        float largest = MathF.Abs(TensorPrimitives.MaxMagnitude(w));    // NaN where any is
        if (!float.IsFinite(largest)) throw new InvalidModelException($"{name}: expected finite weights, found {largest}; the checkpoint is damaged.");
        if (type == GgmlType.F16 && largest > (float)Half.MaxValue)
        {
            throw new InvalidModelException($"{name}: a weight of magnitude {largest} does not fit F16, which ends at 65504; choose --type bf16 or f32.");
        }
    }
}
