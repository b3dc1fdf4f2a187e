using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels;

/// <summary>A tile kernel that multiplies packed activations 4 tokens at a time, the last ones of a batch 1 at a time.</summary>
internal abstract class TokenBlockKernel : TileKernel
{
    /// <summary>sums[16·t + r] = Σ_k tile[r, k] · x[t, k] for the 4 tokens of <paramref name="x"/>; overwrites 64 sums.</summary>
    public abstract void Multiply4(ref readonly byte tile, int columns, scoped in ActivationBlock x, ref float sums);

    /// <summary>The same for the 1 token of <paramref name="x"/>; overwrites 16 sums.</summary>
    public abstract void Multiply1(ref readonly byte tile, int columns, scoped in ActivationBlock x, ref float sums);

    /// <inheritdoc/>
    [SkipLocalsInit]
    public sealed override void Multiply(
        ref readonly byte tile, Activations x, int firstToken, int endToken, Activations y, int row, int rows, bool accumulate)
    {
        Span<float> sums = stackalloc float[4 * Rows];
        ref float firstSum = ref MemoryMarshal.GetReference(sums);
        PackedActivations packed = x.Packed(Form);
        int token = firstToken;
        for (; token + 4 <= endToken; token += 4)
        {
            Multiply4(in tile, x.Columns, packed.Block(token), ref firstSum);
            for (int t = 0; t < 4; t++) Write(sums.Slice(t * Rows, rows), y.Row(token + t).Slice(row, rows), accumulate);
        }
        for (; token < endToken; token++)
        {
            Multiply1(in tile, x.Columns, packed.Block(token), ref firstSum);
            Write(sums[..rows], y.Row(token).Slice(row, rows), accumulate);
        }
    }
}
