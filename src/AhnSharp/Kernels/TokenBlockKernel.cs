using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels;

/// <summary>
/// A tile kernel that multiplies packed activations 4 tokens at a time, the last ones of a batch 1 at a time; on wide tiers 8 at a time.
/// </summary>
internal abstract class TokenBlockKernel : TileKernel
{
    /// <summary>Columns that are unpacked at a time: a super-block, or 8 blocks of 32.</summary>
    protected const int PieceColumns = 256;

    private const int PieceTokens = 256; // their sums of 16 rows take 16 KiB, half of a first cache
    private const int CacheLine = 64;
    private const int IntegerBytes = 8 * CacheLine;

    /// <summary>
    /// Bytes of 16 × <see cref="PieceColumns"/> weights as <see cref="Multiply8"/> reads them; 0 where 8 tokens at a time do not pay,
    /// because the tier has too few registers for their sums.
    /// </summary>
    public virtual int UnpackedBytes => 0;

    /// <summary>sums[16·t + r] = Σ_k tile[r, k] · x[t, k] for the 4 tokens of <paramref name="x"/>; overwrites 64 sums.</summary>
    public abstract void Multiply4(ref readonly byte tile, int columns, scoped in ActivationBlock x, ref float sums);

    /// <summary>The same for the 1 token of <paramref name="x"/>; overwrites 16 sums.</summary>
    public abstract void Multiply1(ref readonly byte tile, int columns, scoped in ActivationBlock x, ref float sums);

    /// <summary>Takes columns <paramref name="column"/> … + <paramref name="count"/> − 1 of a tile apart, once for all tokens.</summary>
    public virtual void Unpack(ref readonly byte tile, int column, int count, ref byte unpacked) => throw new UnreachableException();

    /// <summary>
    /// sums[16·t + r] += Σ_k tile[r, k] · x[t, k] over <paramref name="count"/> columns from
    /// <paramref name="column"/>, for whole groups of 8 tokens.
    /// </summary>
    /// <param name="tile">The tile, for its scales.</param>
    /// <param name="unpacked">What <see cref="Unpack"/> made of these columns.</param>
    /// <param name="column">A multiple of <see cref="PieceColumns"/>.</param>
    /// <param name="count">Columns, at most <see cref="PieceColumns"/>.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="x">The activations of the first token; blocks of 4 tokens lie one behind the other.</param>
    /// <param name="tokens">A multiple of 8.</param>
    /// <param name="integers">Room for 8 registers of a tile's width.</param>
    /// <param name="sums">16 sums per token, on a cache line each.</param>
    public virtual void Multiply8(
        ref readonly byte tile, ref readonly byte unpacked, int column, int count, int columns, scoped in ActivationBlock x, int tokens,
        ref byte integers, ref float sums)
        => throw new UnreachableException();

    /// <inheritdoc/>
    [SkipLocalsInit]
    public sealed override void Multiply(
        ref readonly byte tile, Activations x, int firstToken, int endToken, Activations y, int row, int rows, bool accumulate)
    {
        Span<float> sums = stackalloc float[4 * Rows];
        ref float firstSum = ref MemoryMarshal.GetReference(sums);
        PackedActivations packed = x.Packed(Form);
        int token = firstToken;
        if (UnpackedBytes > 0)
        {
            for (int tokens; (tokens = Math.Min(PieceTokens, (endToken - token) & ~7)) > 0; token += tokens)
            {
                MultiplyEights(in tile, x.Columns, packed, token, tokens, y, row, rows, accumulate);
            }
        }
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

    // Piece by piece of the columns over all tokens: the unpacked piece and the sums stay in the first cache, the activations stream by.
    [SkipLocalsInit]
    private void MultiplyEights(
        ref readonly byte tile, int columns, PackedActivations packed, int firstToken, int tokens, Activations y, int row, int rows,
        bool accumulate)
    {
        Span<byte> unpacked = Aligned(stackalloc byte[UnpackedBytes + IntegerBytes + CacheLine]);
        Span<float> sums = MemoryMarshal.Cast<byte, float>(
            Aligned(stackalloc byte[(tokens * Rows * sizeof(float)) + CacheLine]))[..(tokens * Rows)];
        sums.Clear();
        ref byte firstUnpacked = ref MemoryMarshal.GetReference(unpacked);
        ref byte integers = ref unpacked[UnpackedBytes];
        ref float firstSum = ref MemoryMarshal.GetReference(sums);
        ActivationBlock block = packed.Block(firstToken);
        for (int column = 0; column < columns; column += PieceColumns)
        {
            int count = Math.Min(PieceColumns, columns - column);
            Unpack(in tile, column, count, ref firstUnpacked);
            Multiply8(in tile, in firstUnpacked, column, count, columns, in block, tokens, ref integers, ref firstSum);
        }
        for (int t = 0; t < tokens; t++) Write(sums.Slice(t * Rows, rows), y.Row(firstToken + t).Slice(row, rows), accumulate);
    }

    // The stack is aligned to 16 bytes; a register of 64 that straddles two lines costs two reads.
    private static unsafe Span<byte> Aligned(Span<byte> stack)
    {
        nint address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(stack));
        return stack[(int)(-address & (CacheLine - 1))..];
    }
}
