using System;
using System.Collections.Generic;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Kernels;

/// <summary>Everything on a device that a pass writes besides texts; one a kernel set, allocated once for the longest pass.</summary>
/// <remarks>All f32, row-major, rows without padding, row r of every buffer is token r of the pass. C rows at most.</remarks>
internal sealed class GpuScratch : IDisposable
{
    /// <summary>Logits of at most so many floats are computed together (40 MiB: 64 rows of 152k tokens), or one row.</summary>
    public const int MaxLogits = 10 << 20;

    private readonly Accelerator _accelerator;
    private readonly List<MemoryBuffer> _buffers = [];

    public GpuScratch(Accelerator accelerator, GpuShape shape)
    {
        _accelerator = accelerator;
        int c = shape.ChunkTokens;
        LogitRows = Math.Clamp(MaxLogits / shape.Vocabulary, 1, c);
        Table = Take<int>((long)c * (2 + shape.HeadDim));
        Hidden = Take<float>((long)c * shape.Hidden);
        Normed = Take<float>((long)c * shape.Hidden);
        Query = Take<float>((long)c * shape.QueryWidth);
        Key = Take<float>((long)c * shape.KeyWidth);
        Value = Take<float>((long)c * shape.KeyWidth);
        Gates = Take<float>(Math.Max(1, (long)c * shape.GateWidth));
        Attended = Take<float>((long)c * shape.QueryWidth);
        Remembered = Take<float>(shape.Memory is null ? 1 : (long)c * shape.QueryWidth);
        FfnGate = Take<float>((long)c * shape.Ffn);
        FfnUp = Take<float>((long)c * shape.Ffn);
        Logits = Take<float>((long)LogitRows * shape.Vocabulary);
    }

    /// <summary>Bytes that it takes without what sets take for themselves.</summary>
    public static long BytesOf(GpuShape shape)
    {
        long row = 2L + shape.HeadDim + 2L * shape.Hidden + 3L * shape.QueryWidth + 2L * shape.KeyWidth + shape.GateWidth + 2L * shape.Ffn;
        return sizeof(float)
            * (shape.ChunkTokens * row + (long)Math.Clamp(MaxLogits / shape.Vocabulary, 1, shape.ChunkTokens) * shape.Vocabulary);
    }

    /// <summary>Rows of <see cref="Logits"/>.</summary>
    public int LogitRows { get; }

    /// <summary>Device bytes held.</summary>
    public long ByteLength { get; private set; }

    public ArrayView<int> Table { get; } // see PassTable
    public ArrayView<float> Hidden { get; } // [rows, E], the residual stream
    public ArrayView<float> Normed { get; } // [rows, E]; a set may leave it unused
    public ArrayView<float> Query { get; } // [rows, H·D]
    public ArrayView<float> Key { get; } // [rows, K·D]
    public ArrayView<float> Value { get; } // [rows, K·D]
    public ArrayView<float> Gates { get; } // [rows, g + H]
    public ArrayView<float> Attended { get; } // [rows, H·D]
    public ArrayView<float> Remembered { get; } // [rows, H·D]; a set may leave it unused
    public ArrayView<float> FfnGate { get; } // [rows, F]; a set may leave it unused
    public ArrayView<float> FfnUp { get; } // [rows, F]; a set may leave it unused
    public ArrayView<float> Logits { get; } // [asked rows, V]

    /// <summary>Memory of a set's own that lives as long as the scratch.</summary>
    public ArrayView<T> Take<T>(long length) where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> buffer = _accelerator.Allocate1D<T>(length);
        _buffers.Add(buffer);
        ByteLength += buffer.LengthInBytes;
        return buffer.View.AsContiguous();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MemoryBuffer buffer in _buffers) buffer.Dispose();
        _buffers.Clear();
    }
}
