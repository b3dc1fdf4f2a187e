using System;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Kernels;

/// <summary>
/// Page-locked memory for bytes on their way to a device, with a stream of its own: what is enqueued there behind
/// <see cref="Send"/> finds them.
/// </summary>
internal sealed class UploadPiece(Accelerator accelerator, int index, int length) : IDisposable
{
    private readonly PageLockedArray1D<byte> _bytes = accelerator.AllocatePageLocked1D<byte>(length);

    /// <summary>Its number, from 0 to <see cref="WeightUpload.Pieces"/> − 1.</summary>
    public int Index => index;

    /// <summary>The order in which its bytes travel and are used.</summary>
    public AcceleratorStream Stream { get; } = accelerator.CreateStream();

    /// <summary>The memory.</summary>
    public Span<byte> Bytes => _bytes.Span;

    /// <summary>Sends the first bytes to a view of that length.</summary>
    public void Send(ArrayView<byte> to) => to.CopyFromCPUUnsafeAsync(Stream, ref _bytes.Span[0], to.Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        _bytes.Dispose();
        Stream.Dispose();
    }
}
