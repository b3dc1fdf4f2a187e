using System;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels;

/// <summary>Rotary position embedding, rotate-half form (NeoX): entries i and i + D/2 turn together by position · frequency i.</summary>
/// <remarks>
/// Angles are computed in double from the absolute position: at position 1,000,003 a float angle would be off by 0.03.
/// YaRN (arXiv 2309.00071) blends the frequencies 1/θ^(2i/D) with the same over s, by a linear ramp between the dimensions that turn 32 and
/// 1 times within the original length, and multiplies cos and sin by 0.1·ln s + 1.
/// </remarks>
internal sealed class Rope
{
    private readonly double[] _frequencies;
    private readonly float _magnitude = 1;

    /// <summary>Plain RoPE.</summary>
    /// <param name="headDim">D, even.</param>
    /// <param name="theta">Base of the frequencies (Qwen2.5: 1e6).</param>
    public Rope(int headDim, double theta)
    {
        HeadDim = headDim;
        _frequencies = new double[headDim / 2];
        for (int i = 0; i < _frequencies.Length; i++) _frequencies[i] = Math.Pow(theta, -2.0 * i / headDim);
    }

    /// <summary>RoPE stretched by YaRN; with an extrapolation of 0, by linear scaling.</summary>
    /// <param name="headDim">D, even.</param>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="factor">s, by how much the context is stretched.</param>
    /// <param name="originalLength">L₀, the context that the model was trained with.</param>
    /// <param name="attention">What cos and sin are multiplied with besides 0.1·ln s + 1.</param>
    /// <param name="extrapolation">How much of the unstretched frequencies is blended in where the ramp says so, 0 … 1.</param>
    /// <param name="betaFast">Turns within L₀ above which a dimension is not stretched.</param>
    /// <param name="betaSlow">Turns within L₀ below which a dimension is stretched whole.</param>
    public Rope(
        int headDim, double theta, double factor, int originalLength, double attention = 1, double extrapolation = 1, double betaFast = 32,
        double betaSlow = 1)
        : this(headDim, theta)
    {
        double low = Math.Max(0, Math.Floor(DimensionThatTurns(betaFast))),
            high = Math.Min(headDim - 1, Math.Ceiling(DimensionThatTurns(betaSlow)));
        if (low == high) high += 0.001;
        for (int i = 0; i < _frequencies.Length; i++)
        {
            double kept = (1 - Math.Clamp((i - low) / (high - low), 0, 1)) * extrapolation;
            _frequencies[i] *= kept + (1 - kept) / factor;
        }
        _magnitude = (float)(attention * (extrapolation == 0 ? 1 : 0.1 * Math.Log(factor) + 1));

        double DimensionThatTurns(double times) => headDim * Math.Log(originalLength / (times * 2 * Math.PI)) / (2 * Math.Log(theta));
    }

    /// <summary>D.</summary>
    public int HeadDim { get; }

    /// <summary>What a turn by <see cref="Angles"/> multiplies with: 1 but for YaRN.</summary>
    public float Magnitude => _magnitude;

    /// <summary>cos and sin of a turn by <paramref name="distance"/> positions that keeps every length, D/2 each.</summary>
    public void Turn(long distance, Span<float> cos, Span<float> sin)
    {
        for (int i = 0; i < _frequencies.Length; i++)
        {
            (double s, double c) = Math.SinCos(distance * _frequencies[i]);
            (cos[i], sin[i]) = ((float)c, (float)s);
        }
    }

    /// <summary>cos and sin of one position, D/2 each.</summary>
    public void Angles(long position, Span<float> cos, Span<float> sin)
    {
        for (int i = 0; i < _frequencies.Length; i++)
        {
            (double s, double c) = Math.SinCos(position * _frequencies[i]);
            cos[i] = (float)c * _magnitude;
            sin[i] = (float)s * _magnitude;
        }
    }

    /// <summary>Rotates one pair of entries of many tokens in place, each by its own angle: lane = token.</summary>
    public static void RotateLanes(Span<float> first, Span<float> second, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        int j = 0;
        for (; j <= first.Length - Vector<float>.Count; j += Vector<float>.Count)
        {
            Vector<float> x = new(first[j..]), y = new(second[j..]), c = new(cos[j..]), s = new(sin[j..]);
            (x * c - y * s).CopyTo(first[j..]);
            (y * c + x * s).CopyTo(second[j..]);
        }
        for (; j < first.Length; j++)
            (first[j], second[j]) = (first[j] * cos[j] - second[j] * sin[j], second[j] * cos[j] + first[j] * sin[j]);
    }

    /// <summary>Rotates the heads of one token in place: <paramref name="heads"/> is [heads, D].</summary>
    public static void Rotate(Span<float> heads, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        int half = cos.Length;
        Debug.Assert(heads.Length % (2 * half) == 0 && sin.Length == half);
        ref float c = ref MemoryMarshal.GetReference(cos), s = ref MemoryMarshal.GetReference(sin);
        for (int start = 0; start < heads.Length; start += 2 * half)
        {
            Span<float> head = heads.Slice(start, 2 * half);
            ref float x = ref MemoryMarshal.GetReference(head);
            int i = 0;
            for (; i <= half - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> cosine = Vector.LoadUnsafe(ref c, (nuint)i), sine = Vector.LoadUnsafe(ref s, (nuint)i);
                Vector<float> first = Vector.LoadUnsafe(ref x, (nuint)i), second = Vector.LoadUnsafe(ref x, (nuint)(i + half));
                (first * cosine - second * sine).StoreUnsafe(ref x, (nuint)i);
                (second * cosine + first * sine).StoreUnsafe(ref x, (nuint)(i + half));
            }
            for (; i < half; i++)
            {
                float first = head[i], second = head[i + half];
                head[i] = first * cos[i] - second * sin[i];
                head[i + half] = second * cos[i] + first * sin[i];
            }
        }
    }
}
