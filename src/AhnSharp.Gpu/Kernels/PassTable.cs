using System;
using System.Runtime.InteropServices;
using AhnSharp.Kernels;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Kernels;

/// <summary>What a pass of R rows brings to a device, in one copy: i32 [ids R][asked rows R][cos R·D/2 as f32][sin R·D/2 as f32].</summary>
/// <remarks>
/// cos and sin are of each row's position, from angles in double, YaRN's factor included. Behind the asked rows' end stands rubbish.
/// </remarks>
internal sealed class PassTable(Accelerator accelerator, int chunkTokens, int headDim, Rope rope) : IDisposable
{
    // Page-locked, so that the copy runs by itself; the pass has ended when the next one begins to write.
    private readonly PageLockedArray1D<int> _words = accelerator.AllocatePageLocked1D<int>(chunkTokens * (2 + headDim));

    /// <summary>R.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows that logits are asked of.</summary>
    public int Asked { get; private set; }

    /// <summary>Begins a pass.</summary>
    public void Begin(int rows) => (Rows, Asked) = (rows, 0);

    /// <summary>Row <paramref name="row"/> is the token <paramref name="id"/> at <paramref name="position"/>.</summary>
    public void Set(int row, int id, long position)
    {
        int half = headDim / 2;
        _words.Span[row] = id;
        Span<float> angles = MemoryMarshal.Cast<int, float>(_words.Span[(2 * Rows)..]);
        rope.Angles(position, angles.Slice(row * half, half), angles.Slice((Rows + row) * half, half));
    }

    /// <summary>Logits are asked of a row.</summary>
    public void Ask(int row) => _words.Span[Rows + Asked++] = row;

    /// <summary>Copies it to the device, in the order of the stream.</summary>
    public void Upload(AcceleratorStream stream, GpuScratch scratch)
    {
        int length = Rows * (2 + headDim);
        scratch.Table.SubView(0, length).CopyFromCPUUnsafeAsync(stream, ref _words.Span[0], length);
    }

    /// <inheritdoc/>
    public void Dispose() => _words.Dispose();
}
