using System;

namespace AhnSharp.Hippocampus;

/// <summary>softplus(x) = log(1 + e^x), to full float precision for any x.</summary>
/// <remarks>
/// In double and scalar: a gate is one number a head and token, and a relative error of a small Δ goes straight into the state.
/// </remarks>
internal static class Softplus
{
    public static double Of(double x)
    {
        double small = Math.Exp(-Math.Abs(x)); // never overflows
        // log(1 + s): below 1e-5 the sum would lose the digits of s, and two terms of the series are exact to 1e-11.
        double tail = small < 1e-5 ? small * (1 - small / 2) : Math.Log(1 + small);
        return Math.Max(x, 0) + tail;
    }
}
