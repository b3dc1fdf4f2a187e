using System;
using System.IO;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>
/// Writes a tensor a few pieces at a time, one per thread, so that no whole tensor is ever in memory. The pieces, and so the bytes, are the
/// same for any number of threads.
/// </summary>
/// <param name="threads">Pieces that are made at once.</param>
/// <param name="cancel">Looked at between pieces.</param>
internal sealed class PieceWriter(int threads, CancellationToken cancel)
{
    private readonly byte[][] _blocks = new byte[threads][];

    /// <summary>Pieces that are made at once: a piece's lane is below it.</summary>
    public int Lanes => threads;

    /// <summary>Fills the blocks of one piece. A lane has one piece at a time, so buffers may be kept for each lane.</summary>
    public delegate void Fill(int lane, long elementOffset, int count, Span<byte> blocks);

    /// <param name="stream">Takes the tensor's bytes, in order.</param>
    /// <param name="type">Of the tensor.</param>
    /// <param name="elementCount">All weights of the tensor.</param>
    /// <param name="piece">Weights of a piece, whole blocks; the last one may be shorter.</param>
    /// <param name="fill">Called from several threads.</param>
    public void Write(Stream stream, GgmlType type, long elementCount, int piece, Fill fill)
    {
        int Count(long start, int lane) => (int)Math.Min(piece, elementCount - start - (long)lane * piece);
        for (long start = 0; start < elementCount; start += (long)piece * threads)
        {
            cancel.ThrowIfCancellationRequested();
            int used = (int)Math.Min(threads, (elementCount - start + piece - 1) / piece);
            ForEach(used, lane =>
            {
                int count = Count(start, lane), bytes = (int)type.RowBytes(count);
                if (_blocks[lane] is null || _blocks[lane].Length < bytes) _blocks[lane] = new byte[bytes];
                fill(lane, start + (long)lane * piece, count, _blocks[lane].AsSpan(0, bytes));
            });
            for (int lane = 0; lane < used; lane++) stream.Write(_blocks[lane].AsSpan(0, (int)type.RowBytes(Count(start, lane))));
        }
    }

    // The first error surfaces as itself, not wrapped.
    private static void ForEach(int lanes, Action<int> body)
    {
        if (lanes == 1)
        {
            body(0);
            return;
        }
        try
        {
            Parallel.For(0, lanes, new ParallelOptions { MaxDegreeOfParallelism = lanes }, body);
        }
        catch (AggregateException e) when (e.InnerException is InvalidModelException or IOException)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
        }
    }
}
