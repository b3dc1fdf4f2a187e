using System;

namespace AhnSharp.Kernels;

/// <summary>Products of 4-bit index keys with 8-bit queries: for each query the largest score of some tokens. Stateless.</summary>
/// <remarks>
/// Score of token j for query x, groups of 32 dimensions in order: Σ over groups of f32(Σ code·x) · (scale of j · scale of x), each
/// product and sum rounded once, so that every tier gives the bits of <see cref="Portable.PortableIndex"/>.
/// Keys: tiles of 16 tokens (the last token stands in for those that lack), each of groups of 320 bytes:
///   byte   0 codes + 8, −7 … 7: 4 × 64 bytes; byte 4j + r of vector v: low nibble = dimension 8v + r of token j, high nibble = 8v + 4 + r
///   byte 256 scales of the 16 tokens, f32
/// A query is groups of 40 bytes: 32 codes s8, −127 … 127 │ i16 −8·Σ codes │ i16 0 │ scale f32.
/// </remarks>
internal abstract class IndexKernel
{
    /// <summary>Tokens of a tile.</summary>
    public const int Tokens = 16;

    /// <summary>Dimensions under one scale.</summary>
    public const int GroupLength = 32;

    /// <summary>Bytes of one group of a tile.</summary>
    public const int GroupBytes = ScalesOffset + sizeof(float) * Tokens;

    /// <summary>Bytes of one group of a query.</summary>
    public const int QueryGroupBytes = QueryScaleOffset + sizeof(float);

    /// <summary>What is added to the codes of keys.</summary>
    public const int CodeOffset = 8;

    /// <summary>Where the scales of a group begin.</summary>
    public const int ScalesOffset = Tokens * GroupLength / 2;

    /// <summary>Where −8·Σ codes stands in a group of a query.</summary>
    public const int QueryOffsetOffset = GroupLength;

    /// <summary>Where the scale stands in a group of a query.</summary>
    public const int QueryScaleOffset = QueryOffsetOffset + 2 * sizeof(short);

    /// <summary>Bytes of <paramref name="tokens"/> keys of <paramref name="groups"/> groups.</summary>
    public static int KeyBytes(int tokens, int groups) => (tokens + Tokens - 1) / Tokens * groups * GroupBytes;

    /// <summary>Where the byte lies that holds one code; the high nibble where <paramref name="isHigh"/>.</summary>
    public static int ByteOf(int groups, int token, int dimension, out bool isHigh)
    {
        int inGroup = dimension % GroupLength, inVector = inGroup % 8;
        isHigh = inVector >= 4;
        return (token / Tokens * groups + dimension / GroupLength) * GroupBytes + inGroup / 8 * 4 * Tokens + token % Tokens * 4
            + inVector % 4;
    }

    /// <summary>Where the scale of a token's group lies.</summary>
    public static int ScaleOf(int groups, int token, int group) =>
        (token / Tokens * groups + group) * GroupBytes + ScalesOffset + token % Tokens * sizeof(float);

    /// <summary>The largest score over all tokens of the keys, for every query.</summary>
    /// <param name="keys">Whole tiles.</param>
    /// <param name="groups">Of a token.</param>
    /// <param name="queries">One after another.</param>
    /// <param name="best">One a query.</param>
    public abstract void Score(ReadOnlySpan<byte> keys, int groups, ReadOnlySpan<byte> queries, Span<float> best);
}
