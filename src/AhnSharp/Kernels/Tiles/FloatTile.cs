using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
    public override void Pack(ReadOnlySpan<byte> rows, int columns, ref byte tile) => Transpose(rows, columns, ref tile);

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
                in x.Row(token)[0], columns, in tile, Rows, ref MemoryMarshal.GetReference(aside), Rows, tokens, columns, Rows,
                accumulate: false, panels);
            for (int t = 0; t < tokens; t++) Write(aside.Slice(t * Rows, rows), y.Row(token + t).Slice(row, rows), accumulate);
        }
    }

    // As TileBits.PackRows: compiled at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(ReadOnlySpan<byte> rows, int columns, ref byte tile)
    {
        int perWord = sizeof(float) / E.Bytes, columnBytes = Rows * E.Bytes;
        nint rowBytes = (nint)columns * E.Bytes;
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, Rows * rowBytes);
        for (nint lane = 0; lane < Rows; lane += 4)
        {
            FourRows four = new(ref Unsafe.AddByteOffset(ref MemoryMarshal.GetReference(rows), lane * rowBytes), rowBytes);
            ref byte to = ref Unsafe.AddByteOffset(ref tile, lane * E.Bytes);
            nint at = 0;
            for (; at + 16 <= rowBytes; at += 16)
            {
                four.Words(at, out Vector128<uint> w0, out Vector128<uint> w1, out Vector128<uint> w2, out Vector128<uint> w3);
                Write(w0, ref to, columnBytes);
                Write(w1, ref Unsafe.AddByteOffset(ref to, 1 * perWord * columnBytes), columnBytes);
                Write(w2, ref Unsafe.AddByteOffset(ref to, 2 * perWord * columnBytes), columnBytes);
                Write(w3, ref Unsafe.AddByteOffset(ref to, 3 * perWord * columnBytes), columnBytes);
                to = ref Unsafe.AddByteOffset(ref to, 4 * perWord * columnBytes);
            }
            for (; at < rowBytes; at += E.Bytes)
            {
                if (E.Bytes == sizeof(float)) FourRows.Write(four.Word(at), ref to, 0);
                else FourRows.Write(four.Halves(at), ref to, 0);
                to = ref Unsafe.AddByteOffset(ref to, columnBytes);
            }
        }
    }

    // The number or the two numbers of a word of four rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(Vector128<uint> words, ref byte to, nint columnBytes)
    {
        if (E.Bytes == sizeof(float))
        {
            FourRows.Write(words, ref to, 0);
            return;
        }
        Vector128<ulong> columns = Vector128.Shuffle(words.AsUInt16(), Vector128.Create((ushort)0, 2, 4, 6, 1, 3, 5, 7)).AsUInt64();
        FourRows.Write(columns[0], ref to, 0);
        FourRows.Write(columns[1], ref to, columnBytes);
    }
}
