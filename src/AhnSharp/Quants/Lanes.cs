using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AhnSharp.Quants;

/// <summary>What the encoders do with 8 weights at a time.</summary>
internal static class Lanes
{
    public const int Count = 8;

    /// <summary>
    /// Half of the smallest f16 above 0: weights that are all smaller are nearer to 0 than to anything else a block can say.
    /// </summary>
    public const float Negligible = 1f / (1 << 25);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ReadOnlySpan<float> values, int first) => Vector256.Create(values.Slice(first, Count));

    /// <summary>To the nearest whole number, ties to even, and then into the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Round(Vector256<float> values, Vector256<float> low, Vector256<float> high) =>
        Vector256.MaxNative(low, Vector256.MinNative(high, Vector256.Round(values)));

    /// <summary>The sum of the lanes: i with i+4, then i with i+2, then the last two. The order is part of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> values)
    {
        Vector128<float> four = values.GetLower() + values.GetUpper();
        Vector128<float> two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.GetElement(0) + two.GetElement(1);
    }

    /// <summary>Whole numbers from 0 to 255 as 8 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector256<float> whole, Span<byte> bytes)
    {
        Vector256<int> integers = Vector256.ConvertToInt32Native(whole);
        Vector128<short> shorts = Vector128.Narrow(integers.GetLower(), integers.GetUpper());
        Vector64.Narrow(shorts.GetLower(), shorts.GetUpper()).AsByte().CopyTo(bytes);
    }

    /// <summary>
    /// The f16 nearest to a scale, but neither 0 for a scale that is not (a small step is nearer to the weights than none) nor infinite.
    /// </summary>
    public static Half Scale(float scale)
    {
        Half rounded = (Half)scale;
        if (rounded == Half.Zero && scale != 0) return scale > 0 ? Half.Epsilon : -Half.Epsilon;
        return Half.IsInfinity(rounded) ? Half.CopySign(Half.MaxValue, rounded) : rounded;
    }

    /// <summary>
    /// The f16 for a scale of scales: where f16 is coarser than its 11 bits (below 6e-5), rather above than below, or
    /// the largest code would not reach.
    /// </summary>
    public static Half ReachingScale(float scale)
    {
        Half rounded = Scale(scale);
        if (MathF.Abs((float)rounded) >= MathF.Abs(scale) * (1 - 1f / 1024) || Half.Abs(rounded) == Half.MaxValue) return rounded;
        return scale > 0 ? Half.BitIncrement(rounded) : Half.BitDecrement(rounded);
    }
}
