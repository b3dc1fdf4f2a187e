using System;
using System.Numerics.Tensors;

namespace AhnSharp.Kernels;

/// <summary>One format at one tier: how 16 rows are packed into a tile, and how a tile is multiplied. Stateless.</summary>
internal abstract class TileKernel
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 16;

    /// <summary>The form of activations it multiplies with.</summary>
    public abstract ActivationForm Form { get; }

    /// <summary>Bytes of a packed tile with <paramref name="columns"/> columns; <see cref="TileMatrix"/> rounds it up to 64.</summary>
    public abstract long TileBytes(int columns);

    /// <summary>
    /// Packs 16 rows of the file's blocks, one after another; absent rows are zero bytes, which are weight 0 in every format.
    /// </summary>
    public abstract void Pack(ReadOnlySpan<byte> rows, int columns, ref byte tile);

    /// <summary>
    /// y[t, row + r] (+)= Σ_k tile[r, k] · x[t, k] for r in 0..rows-1 and t in firstToken..endToken-1; firstToken is a multiple of 4.
    /// </summary>
    public abstract void Multiply(
        ref readonly byte tile, Activations x, int firstToken, int endToken, Activations y, int row, int rows, bool accumulate);

    /// <summary>Writes or adds the sums of one token.</summary>
    protected static void Write(ReadOnlySpan<float> sums, Span<float> y, bool accumulate)
    {
        if (accumulate) TensorPrimitives.Add(y, sums, y);
        else if (sums.Length == Rows) sums[..Rows].CopyTo(y[..Rows]); // of a constant length, a copy is one instruction instead of a call
        else sums.CopyTo(y);
    }
}
