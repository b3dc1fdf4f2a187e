using System;
using System.Threading.Tasks;
using AhnSharp.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Kernels;

/// <summary>Brings stored bytes to a device: read into page-locked memory in pieces of 16 MiB, while the piece before travels.</summary>
internal sealed class WeightUpload(Accelerator accelerator) : IDisposable
{
    // A piece is read by several threads: one alone copies from the system's cache at a tenth of what the bus takes.
    private const int PieceBytes = 16 << 20, ReadBytes = 1 << 20;
    private readonly PageLockedArray1D<byte>?[] _pieces = new PageLockedArray1D<byte>?[2];
    private readonly AcceleratorStream?[] _streams = new AcceleratorStream?[2];
    private int _next;

    /// <summary>Is told of bytes that have been read.</summary>
    public Action<long>? Progress { get; set; }

    /// <summary>Fills <paramref name="to"/> with the bytes from 0 on; when it returns they are there.</summary>
    public void Copy(WeightReader read, ArrayView<byte> to)
    {
        for (long done = 0; done < to.Length;)
        {
            int count = (int)Math.Min(PieceBytes, to.Length - done);
            PageLockedArray1D<byte> piece = _pieces[_next] ??= accelerator.AllocatePageLocked1D<byte>(PieceBytes);
            AcceleratorStream stream = _streams[_next] ??= accelerator.CreateStream();
            stream.Synchronize();
            long start = done;
            Parallel.For(0, (count + ReadBytes - 1) / ReadBytes, i =>
            {
                int at = i * ReadBytes;
                read(start + at, piece.Span.Slice(at, Math.Min(ReadBytes, count - at)));
            });
            to.SubView(done, count).CopyFromCPUUnsafeAsync(stream, ref piece.Span[0], count);
            Progress?.Invoke(count);
            done += count;
            _next ^= 1;
        }
        foreach (AcceleratorStream? stream in _streams) stream?.Synchronize();
    }

    /// <summary>Gives back the page-locked memory; it is taken again when something is copied.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _pieces.Length; i++)
        {
            _pieces[i]?.Dispose();
            _streams[i]?.Dispose();
            (_pieces[i], _streams[i]) = (null, null);
        }
    }
}
