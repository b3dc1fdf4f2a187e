using System;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace AhnSharp.Archive;

/// <summary>The queries of one group of heads as the index multiplies them: signed bytes under a scale for 32 dimensions.</summary>
/// <remarks>
/// A score is u·μ + Σ over groups of scale·s'·(codes·codes'). 32 products of at most 127·7 sum to 28,448, so that 16-bit lanes hold
/// them; lane = token. Codes lie with 8 added, four in a word, and are taken apart by shifts: the sums wrap around 2¹⁶ on their way, and
/// end right once 8·Σ codes is taken off. No horizontal sums, no instruction that only one processor has.
/// </remarks>
internal sealed class IndexQuery
{
    private const int PlanesPerWord = 4, PlaneBits = 4, Plane = 15, Offset = 8, Most = 127;
    private readonly ArchiveShape _shape;
    private readonly short[] _codes; // [heads, D]
    private readonly float[] _scales; // [heads, D/32]
    private readonly int[] _sums; // [heads, D/32], of the codes
    private readonly float[] _centred; // [heads], u·μ
    private readonly float[] _totals; // [2, b]
    private readonly float[] _queries; // [heads, D]

    public IndexQuery(ArchiveShape shape, int heads)
    {
        (_shape, Heads) = (shape, heads);
        int groups = shape.HeadDim / shape.IndexGroup;
        _codes = new short[heads * shape.HeadDim];
        (_scales, _sums) = (new float[heads * groups], new int[heads * groups]);
        (_centred, _totals, _queries) = (new float[heads], new float[2 * shape.Block], new float[heads * shape.HeadDim]);
    }

    /// <summary>Query heads of a key/value head.</summary>
    public int Heads { get; }

    /// <summary>Takes the queries [heads, D].</summary>
    public void Set(ReadOnlySpan<float> queries, ReadOnlySpan<float> centre)
    {
        int d = _shape.HeadDim, group = _shape.IndexGroup;
        queries.CopyTo(_queries);
        for (int head = 0; head < Heads; head++)
            _centred[head] = TensorPrimitives.Dot(queries.Slice(head * d, d), centre);
        for (int g = 0; g < _scales.Length; g++)
        {
            ReadOnlySpan<float> u = queries.Slice(g * group, group);
            float scale = Math.Max(MathF.Abs(TensorPrimitives.MaxMagnitude(u)), ArchiveCodes.Least) / Most;
            _scales[g] = scale;
            _sums[g] = Round(u, 1 / scale, _codes.AsSpan(g * group, group));
        }
    }

    /// <summary>Largest score of a block's tokens for each head.</summary>
    /// <param name="index">Of the block and key/value head.</param>
    /// <param name="best">[heads].</param>
    public void Score(Span<byte> index, Span<float> best)
    {
        if (_shape.Options.AsksInFloats) ScoreFloats(index, best);
        else if (_shape.Block % (2 * Vector<ushort>.Count) == 0) ScoreVectors(index, best);
        else ScoreScalar(index, best);
    }

    /// <summary>The definition: <see cref="Score"/> gives the same bits.</summary>
    public void ScoreScalar(Span<byte> index, Span<float> best)
    {
        int d = _shape.HeadDim, b = _shape.Block, group = _shape.IndexGroup, groups = d / group;
        ReadOnlySpan<ushort> words = ArchiveIndex.Words(_shape, index);
        ReadOnlySpan<float> scales = ArchiveIndex.Scales(_shape, index);
        for (int head = 0; head < Heads; head++)
        {
            best[head] = float.NegativeInfinity;
            for (int j = 0; j < b; j++)
            {
                float total = 0;
                for (int g = 0; g < groups; g++)
                {
                    int sum = 0;
                    for (int i = g * group; i < (g + 1) * group; i++)
                    {
                        int code = (words[i / PlanesPerWord * b + j] >> i % PlanesPerWord * PlaneBits & Plane) - Offset;
                        sum += code * _codes[head * d + i];
                    }
                    total += sum * (scales[g * b + j] * _scales[head * groups + g]);
                }
                best[head] = MathF.Max(best[head], total);
            }
            best[head] += _centred[head];
        }
    }

    private void ScoreFloats(Span<byte> index, Span<float> best)
    {
        int d = _shape.HeadDim, b = _shape.Block, group = _shape.IndexGroup;
        ReadOnlySpan<ushort> words = ArchiveIndex.Words(_shape, index);
        ReadOnlySpan<float> scales = ArchiveIndex.Scales(_shape, index);
        for (int head = 0; head < Heads; head++)
        {
            best[head] = float.NegativeInfinity;
            for (int j = 0; j < b; j++)
            {
                float total = _centred[head];
                for (int i = 0; i < d; i++)
                {
                    int code = (words[i / PlanesPerWord * b + j] >> i % PlanesPerWord * PlaneBits & Plane) - Offset;
                    total += code * scales[i / group * b + j] * _queries[head * d + i];
                }
                best[head] = MathF.Max(best[head], total);
            }
        }
    }

    private void ScoreVectors(Span<byte> index, Span<float> best)
    {
        int b = _shape.Block;
        ReadOnlySpan<ushort> words = ArchiveIndex.Words(_shape, index);
        ReadOnlySpan<float> scales = ArchiveIndex.Scales(_shape, index);
        // Two heads share what is unpacked; the last of an odd number is computed beside itself.
        for (int head = 0; head < Heads; head += 2)
        {
            int other = Math.Min(head + 1, Heads - 1);
            Span<float> totals = _totals;
            totals.Clear();
            for (int at = 0; at < b; at += 2 * Vector<ushort>.Count) Pair(words, scales, at, head, other);
            best[head] = TensorPrimitives.Max<float>(totals[..b]) + _centred[head];
            best[other] = TensorPrimitives.Max<float>(totals[b..]) + _centred[other];
        }
    }

    // Tokens at … at + 2V − 1 of a block for two heads: a word's four planes are unpacked once and multiplied with both.
    private void Pair(ReadOnlySpan<ushort> words, ReadOnlySpan<float> scales, int at, int head, int other)
    {
        int d = _shape.HeadDim, b = _shape.Block, group = _shape.IndexGroup, groups = d / group, v = Vector<ushort>.Count;
        ref ushort w0 = ref MemoryMarshal.GetReference(words);
        ref readonly short p = ref _codes[head * d], q = ref _codes[other * d];
        Vector<ushort> plane = new(Plane);
        for (int g = 0; g < groups; g++)
        {
            Vector<ushort> p0 = default, p1 = default, q0 = default, q1 = default;
            for (int i = g * group; i < (g + 1) * group; i += PlanesPerWord)
            {
                nuint word = (nuint)(i / PlanesPerWord * b + at);
                Vector<ushort> x = Vector.LoadUnsafe(ref w0, word), y = Vector.LoadUnsafe(ref w0, word + (nuint)v);
                Vector<ushort> s = Splat(in p, i), t = Splat(in q, i), low = x & plane, high = y & plane;
                (p0, p1, q0, q1) = (p0 + low * s, p1 + high * s, q0 + low * t, q1 + high * t);
                (s, t, low, high) = (Splat(in p, i + 1), Splat(in q, i + 1), x >>> 4 & plane, y >>> 4 & plane);
                (p0, p1, q0, q1) = (p0 + low * s, p1 + high * s, q0 + low * t, q1 + high * t);
                (s, t, low, high) = (Splat(in p, i + 2), Splat(in q, i + 2), x >>> 8 & plane, y >>> 8 & plane);
                (p0, p1, q0, q1) = (p0 + low * s, p1 + high * s, q0 + low * t, q1 + high * t);
                (s, t, low, high) = (Splat(in p, i + 3), Splat(in q, i + 3), x >>> 12, y >>> 12);
                (p0, p1, q0, q1) = (p0 + low * s, p1 + high * s, q0 + low * t, q1 + high * t);
            }
            ReadOnlySpan<float> scale = scales[(g * b + at)..];
            AddScaled(p0, head * groups + g, scale, _totals.AsSpan(at));
            AddScaled(p1, head * groups + g, scale[v..], _totals.AsSpan(at + v));
            if (other == head) continue;
            AddScaled(q0, other * groups + g, scale, _totals.AsSpan(b + at));
            AddScaled(q1, other * groups + g, scale[v..], _totals.AsSpan(b + at + v));
        }
        if (other == head) _totals.AsSpan(at, 2 * v).CopyTo(_totals.AsSpan(b + at));
    }

    private static Vector<ushort> Splat(ref readonly short codes, int at) =>
        new((ushort)System.Runtime.CompilerServices.Unsafe.Add(ref System.Runtime.CompilerServices.Unsafe.AsRef(in codes), at));

    // totals += sums·(token scale · query scale) for the lanes of one vector of sums.
    private void AddScaled(Vector<ushort> wrapped, int group, ReadOnlySpan<float> scales, Span<float> totals)
    {
        Vector<short> sums = Vector.AsVectorInt16(wrapped - new Vector<ushort>((ushort)(Offset * _sums[group])));
        Vector.Widen(sums, out Vector<int> low, out Vector<int> high);
        int v = Vector<float>.Count;
        float scale = _scales[group];
        (new Vector<float>(totals) + Vector.ConvertToSingle(low) * (new Vector<float>(scales) * scale)).CopyTo(totals);
        totals = totals[v..];
        (new Vector<float>(totals) + Vector.ConvertToSingle(high) * (new Vector<float>(scales[v..]) * scale)).CopyTo(totals);
    }

    // Codes of one group; gives their sum.
    private static int Round(ReadOnlySpan<float> u, float inverse, Span<short> codes)
    {
        int v = Vector<float>.Count, i = 0, sum = 0;
        Vector<short> sums = default;
        Vector<float> most = new(Most);
        for (; i <= u.Length - 2 * v; i += 2 * v)
        {
            Vector<float> low = Vector.Round(new Vector<float>(u[i..]) * inverse),
                high = Vector.Round(new Vector<float>(u[(i + v)..]) * inverse);
            Vector<short> both = Vector.Narrow(
                Vector.ConvertToInt32(Vector.Min(Vector.Max(low, -most), most)),
                Vector.ConvertToInt32(Vector.Min(Vector.Max(high, -most), most)));
            both.CopyTo(codes[i..]);
            sums += both; // at most 32 · 127
        }
        sum += Vector.Sum(sums);
        for (; i < u.Length; i++)
        {
            codes[i] = (short)Math.Clamp(MathF.Round(u[i] * inverse), -Most, Most);
            sum += codes[i];
        }
        return sum;
    }
}
