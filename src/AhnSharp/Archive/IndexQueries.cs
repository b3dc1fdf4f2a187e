using System;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AhnSharp.Kernels;

namespace AhnSharp.Archive;

/// <summary>The queries of a few tokens and one group of heads as the index multiplies them: signed bytes under a scale.</summary>
/// <remarks>
/// A turn keeps the length of a pair of dimensions (i, i + D/2). So one scale, the longest pair over 127, serves for every turn of a
/// query: codes = round-half-even of the turned pairs, and nothing needs to be looked for block by block. Pairs have a scale for 32 of
/// them where D/2 is a multiple of 32, else one for all. A score is u·μ in floats (8 strands, so the same bits for every width of
/// registers) and what the kernel gives.
/// </remarks>
internal sealed class IndexQueries
{
    private const int Most = 127, Strands = 8;

    // Added to a number of at most 2²² it leaves round-half-even of it in the low bits.
    private const float Rounder = 3 << 22;
    private readonly ArchiveShape _shape;
    private readonly IndexKernel _kernel;
    private readonly int _half, _pairsOfScale, _queryBytes;
    private readonly float[] _queries; // [tokens, G, D], times 127 over the longest pair
    private readonly float[] _scales; // [tokens, G, scales]
    private readonly float[] _centred; // [tokens, G], u·μ
    private readonly byte[] _codes; // [tokens, G] queries of the kernel

    public IndexQueries(ArchiveShape shape, IndexKernel kernel, int group, int tokens)
    {
        (_shape, _kernel, Group, _half) = (shape, kernel, group, shape.HeadDim / 2);
        _pairsOfScale = _half % IndexKernel.GroupLength == 0 ? IndexKernel.GroupLength : _half;
        _queryBytes = shape.IndexGroups * IndexKernel.QueryGroupBytes;
        (_queries, _scales) = (new float[tokens * group * shape.HeadDim], new float[tokens * group * (_half / _pairsOfScale)]);
        (_centred, _codes) = (new float[tokens * group], new byte[tokens * group * _queryBytes]);
    }

    /// <summary>G, query heads of a key/value head.</summary>
    public int Group { get; }

    public long ByteLength => sizeof(float) * ((long)_queries.Length + _scales.Length + _centred.Length) + _codes.Length;

    /// <summary>Takes the queries of a token.</summary>
    /// <param name="token">Which of the few.</param>
    /// <param name="queries">[G, D], not turned to a block yet.</param>
    /// <param name="factor">What they are multiplied with.</param>
    public void Set(int token, ReadOnlySpan<float> queries, float factor)
    {
        int d = _shape.HeadDim, scales = _half / _pairsOfScale;
        for (int g = 0; g < Group; g++)
        {
            int query = token * Group + g;
            ReadOnlySpan<float> from = queries.Slice(g * d, d);
            Span<float> to = _queries.AsSpan(query * d, d);
            for (int s = 0; s < scales; s++)
            {
                int at = s * _pairsOfScale;
                float longest = 0;
                for (int i = at; i < at + _pairsOfScale; i++)
                    longest = MathF.Max(longest, from[i] * from[i] + from[i + _half] * from[i + _half]);
                float scale = Math.Max(MathF.Sqrt(longest) * factor, ArchiveCodes.Least) / Most;
                _scales[query * scales + s] = scale;
                TensorPrimitives.Multiply(from.Slice(at, _pairsOfScale), factor / scale, to[at..]);
                TensorPrimitives.Multiply(from.Slice(at + _half, _pairsOfScale), factor / scale, to[(at + _half)..]);
            }
        }
    }

    /// <summary>The codes of a token's queries as a block sees them.</summary>
    /// <param name="token">Which of the few.</param>
    /// <param name="turn">[D], cos then sin.</param>
    /// <param name="centre">μ [D].</param>
    public void Turn(int token, ReadOnlySpan<float> turn, ReadOnlySpan<float> centre)
    {
        for (int query = token * Group; query < (token + 1) * Group; query++)
        {
            if (_pairsOfScale == IndexKernel.GroupLength) TurnVectors(query, turn, centre);
            else TurnScalar(query, turn, centre);
        }
    }

    /// <summary>The definition: <see cref="Turn"/> gives the same bits.</summary>
    public void TurnScalar(int query, ReadOnlySpan<float> turn, ReadOnlySpan<float> centre)
    {
        int scales = _half / _pairsOfScale;
        ReadOnlySpan<float> from = _queries.AsSpan(query * _shape.HeadDim, _shape.HeadDim);
        Span<byte> codes = _codes.AsSpan(query * _queryBytes, _queryBytes);
        codes.Clear();
        Span<float> strands = stackalloc float[Strands];
        _centred[query] = 0;
        for (int s = 0; s < scales; s++)
        {
            strands.Clear();
            for (int i = s * _pairsOfScale; i < (s + 1) * _pairsOfScale; i++)
            {
                float cos = turn[i], sin = turn[i + _half], first = from[i] * cos - from[i + _half] * sin,
                    second = from[i + _half] * cos + from[i] * sin;
                strands[i % Strands] += first * centre[i] + second * centre[i + _half];
                Put(codes, i, first);
                Put(codes, i + _half, second);
            }
            _centred[query] += _scales[query * scales + s] * SumOf(Vector256.Create<float>(strands));
        }
        for (int g = 0; g < _shape.IndexGroups; g++)
        {
            int sum = 0;
            foreach (byte code in codes.Slice(g * IndexKernel.QueryGroupBytes, IndexKernel.GroupLength)) sum += (sbyte)code;
            Finish(codes, g, sum, _scales[query * scales + g % scales]);
        }
    }

    /// <summary>Largest score of a block's tokens for each query of the first tokens.</summary>
    /// <param name="index">Of the block and key/value head.</param>
    /// <param name="best">[tokens, G].</param>
    public void Score(ReadOnlySpan<byte> index, Span<float> best)
    {
        _kernel.Score(index, _shape.IndexGroups, _codes.AsSpan(0, best.Length * _queryBytes), best);
        TensorPrimitives.Add(best, _centred.AsSpan(0, best.Length), best);
    }

    private void TurnVectors(int query, ReadOnlySpan<float> turn, ReadOnlySpan<float> centre)
    {
        int scales = _half / _pairsOfScale;
        ref float from = ref _queries[query * _shape.HeadDim], t = ref MemoryMarshal.GetReference(turn),
            c = ref MemoryMarshal.GetReference(centre);
        Span<byte> codes = _codes.AsSpan(query * _queryBytes, _queryBytes);
        float centred = 0;
        for (int s = 0; s < scales; s++)
        {
            Vector256<float> strands = default;
            nuint i = (nuint)(s * _pairsOfScale);
            Pairs(ref from, ref t, ref c, i, ref strands, out Vector256<int> f0, out Vector256<int> s0);
            Pairs(ref from, ref t, ref c, i + 8, ref strands, out Vector256<int> f1, out Vector256<int> s1);
            Pairs(ref from, ref t, ref c, i + 16, ref strands, out Vector256<int> f2, out Vector256<int> s2);
            Pairs(ref from, ref t, ref c, i + 24, ref strands, out Vector256<int> f3, out Vector256<int> s3);
            float scale = _scales[query * scales + s];
            centred += scale * SumOf(strands);
            Group32(codes, s, f0, f1, f2, f3, scale);
            Group32(codes, s + scales, s0, s1, s2, s3, scale);
        }
        _centred[query] = centred;
    }

    // 8 pairs, turned; their codes stand in the low byte of each lane.
    private void Pairs(
        ref float from, ref float turn, ref float centre, nuint i, ref Vector256<float> strands, out Vector256<int> first,
        out Vector256<int> second)
    {
        nuint half = (nuint)_half;
        Vector256<float> x = Vector256.LoadUnsafe(ref from, i), y = Vector256.LoadUnsafe(ref from, i + half),
            cos = Vector256.LoadUnsafe(ref turn, i), sin = Vector256.LoadUnsafe(ref turn, i + half),
            u = x * cos - y * sin, v = y * cos + x * sin, rounder = Vector256.Create(Rounder);
        strands += u * Vector256.LoadUnsafe(ref centre, i) + v * Vector256.LoadUnsafe(ref centre, i + half);
        (first, second) = ((u + rounder).AsInt32(), (v + rounder).AsInt32());
    }

    private static void Group32(
        Span<byte> codes, int group, Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d, float scale)
    {
        Vector256<short> low = Vector256.Narrow(a, b), high = Vector256.Narrow(c, d);
        Vector256.Narrow(low, high).AsByte().CopyTo(codes[(group * IndexKernel.QueryGroupBytes)..]);
        Finish(codes, group, Vector256.Sum(low + high), scale); // at most 32 · 127
    }

    private static void Finish(Span<byte> codes, int group, int sum, float scale)
    {
        Span<byte> own = codes.Slice(group * IndexKernel.QueryGroupBytes, IndexKernel.QueryGroupBytes);
        MemoryMarshal.Write(own[IndexKernel.QueryOffsetOffset..], (int)(ushort)(short)(-IndexKernel.CodeOffset * sum));
        MemoryMarshal.Write(own[IndexKernel.QueryScaleOffset..], scale);
    }

    private static void Put(Span<byte> codes, int dimension, float entry) =>
        codes[dimension / IndexKernel.GroupLength * IndexKernel.QueryGroupBytes + dimension % IndexKernel.GroupLength] =
            (byte)BitConverter.SingleToInt32Bits(entry + Rounder);

    private static float SumOf(Vector256<float> strands)
    {
        Vector128<float> four = strands.GetLower() + strands.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }
}
