using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Kernels.Tiers;

namespace AhnSharp.Kernels.Tiles;

/// <summary>F32, F16 and BF16 tiles: [k][16 rows], so that a tile is the A of a small product with f32 activations as X.</summary>
internal sealed class FloatTile<V, T, E> : TileKernel
    where V : struct
    where T : struct, ITier<V>
    where E : struct, IElement<V>
{
    private const int TokensAside = 16;

    /// <inheritdoc/>
    public override ActivationForm Form => ActivationForm.Rows;

    /// <inheritdoc/>
    public override long TileBytes(int columns) => (long)columns * Rows * E.Bytes;

    /// <inheritdoc/>
    public override void Pack(ReadOnlySpan<byte> rows, int columns, ref byte tile)
    {
        if (E.Bytes == sizeof(float)) Transpose<float>(rows, columns, ref tile);
        else Transpose<ushort>(rows, columns, ref tile);
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override void Multiply(
        ref readonly byte tile, Activations x, int firstToken, int endToken, Activations y, int row, int rows, bool accumulate)
    {
        int columns = x.Columns;
        bool panels = x.Rows >= TierGemm<V, T>.RowsForPanel;
        if (rows == Rows)
        {
            TierGemm<V, T>.Multiply<E>(
                in x.Row(firstToken)[0], columns, in tile, Rows, ref y.Row(firstToken)[row], y.Columns,
                endToken - firstToken, columns, Rows, accumulate, panels);
            return;
        }
        Span<float> aside = stackalloc float[TokensAside * Rows];
        for (int token = firstToken; token < endToken; token += TokensAside)
        {
            int tokens = Math.Min(TokensAside, endToken - token);
            TierGemm<V, T>.Multiply<E>(
                in x.Row(token)[0], columns, in tile, Rows, ref MemoryMarshal.GetReference(aside), Rows, tokens, columns, Rows, accumulate: false, panels);
            for (int t = 0; t < tokens; t++) Write(aside.Slice(t * Rows, rows), y.Row(token + t).Slice(row, rows), accumulate);
        }
    }

    private static void Transpose<TNumber>(ReadOnlySpan<byte> rows, int columns, ref byte tile)
        where TNumber : unmanaged
    {
        ReadOnlySpan<TNumber> from = MemoryMarshal.Cast<byte, TNumber>(rows);
        Span<TNumber> to = MemoryMarshal.CreateSpan(ref Unsafe.As<byte, TNumber>(ref tile), columns * Rows);
        for (int r = 0; r < Rows; r++)
        {
            ReadOnlySpan<TNumber> row = from.Slice(r * columns, columns);
            for (int k = 0; k < row.Length; k++) to[(k * Rows) + r] = row[k];
        }
    }
}
