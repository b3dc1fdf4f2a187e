using System;
using System.Threading.Tasks;
using AhnSharp.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Kernels;

/// <summary>
/// Brings stored bytes to a device: read into page-locked memory in pieces of at most 16 MiB, while the pieces before travel.
/// </summary>
internal sealed class WeightUpload(Accelerator accelerator) : IDisposable
{
    /// <summary>Most bytes of a piece.</summary>
    public const int PieceBytes = 16 << 20;

    /// <summary>Pieces that are on their way at most.</summary>
    public const int Pieces = 4;

    // A piece is read by several threads: one alone copies from the system's cache at a tenth of what the bus takes.
    private const int ReadBytes = 1 << 20;
    private readonly UploadPiece?[] _pieces = new UploadPiece?[Pieces];
    private int _next;

    /// <summary>Is told of bytes that have been read.</summary>
    public Action<long>? Progress { get; set; }

    /// <summary>Fills <paramref name="to"/> with the bytes from 0 on; when it returns they are there.</summary>
    public void Copy(WeightReader read, ArrayView<byte> to)
    {
        for (long done = 0; done < to.Length; done += PieceBytes)
        {
            int count = (int)Math.Min(PieceBytes, to.Length - done);
            Read(read, done, count).Send(to.SubView(done, count));
        }
        Wait();
    }

    /// <summary>
    /// Reads the next piece, of <paramref name="count"/> bytes from <paramref name="from"/> on, when what it held has been used.
    /// </summary>
    public UploadPiece Read(WeightReader read, long from, int count)
    {
        UploadPiece piece = _pieces[_next] ??= new UploadPiece(accelerator, _next, PieceBytes);
        _next = (_next + 1) % Pieces;
        piece.Stream.Synchronize();
        Parallel.For(0, (count + ReadBytes - 1) / ReadBytes, i =>
        {
            int at = i * ReadBytes;
            read(from + at, piece.Bytes.Slice(at, Math.Min(ReadBytes, count - at)));
        });
        Progress?.Invoke(count);
        return piece;
    }

    /// <summary>Waits until all that was sent has arrived and been used.</summary>
    public void Wait()
    {
        foreach (UploadPiece? piece in _pieces) piece?.Stream.Synchronize();
    }

    /// <summary>Gives back the page-locked memory; it is taken again when something is copied.</summary>
    public void Dispose()
    {
        for (int i = 0; i < Pieces; i++)
        {
            _pieces[i]?.Dispose();
            _pieces[i] = null;
        }
    }
}
