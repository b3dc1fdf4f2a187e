using AhnSharp.Sessions;
using ILGPU;

namespace AhnSharp.Gpu.Kernels;

/// <summary>A logit and its token in one number, so that ascending order is likeliest first, of equal ones the lowest id first.</summary>
/// <remarks>
/// Upper 32 bits: the logit's bits, mapped so that a larger logit is a smaller number; 0 where it is not finite, which comes first
/// of all. Lower 32 bits: the id.
/// </remarks>
internal static class TopKey
{
    /// <summary>So many of a row are brought to the host.</summary>
    public const int Count = LastLogits.MaxTopTokens;

    /// <summary>No token.</summary>
    public const ulong None = ulong.MaxValue;

    /// <summary>The key of a logit.</summary>
    public static ulong Of(float logit, int id)
    {
        uint bits = Interop.FloatAsInt(logit);
        uint descending = bits >= 0x80000000 ? bits : ~bits & 0x7FFFFFFF;
        if ((bits & 0x7F800000) == 0x7F800000) descending = 0;
        return ((ulong)descending << 32) | (uint)id;
    }

    /// <summary>Whether the logit is finite.</summary>
    public static bool IsFinite(ulong key) => key >> 32 != 0;

    /// <summary>The logit.</summary>
    public static float Logit(ulong key)
    {
        uint descending = (uint)(key >> 32);
        return Interop.IntAsFloat(descending >= 0x80000000 ? descending : ~descending & 0x7FFFFFFF);
    }

    /// <summary>The token.</summary>
    public static int Id(ulong key) => (int)(uint)key;
}
