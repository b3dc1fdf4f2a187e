using System;

namespace AhnSharp.Generation;

/// <summary>
/// e^x for x ≤ 0 from additions and multiplications alone, so that the same logits and seed draw the same token everywhere.
/// </summary>
/// <remarks>
/// Math.Exp is the C library's and differs between platforms in the last bits. x = n·ln 2 + r with |r| ≤ ln 2 / 2, e^r by its Taylor
/// series to r¹³ (what is left out: below 2⁻⁵² of the value), times 2^n exactly. Of(0) is exactly 1; below −700 it is 0.
/// </remarks>
internal static class StableExp
{
    // ln 2 in two parts: the upper has 20 trailing zero bits, so that n·upper is exact.
    private const double Ln2Upper = 0.693147180369123816490, Ln2Lower = 1.90821492927058770002e-10, Log2E = 1.44269504088896340736;

    public static double Of(double x)
    {
        if (!(x > -700)) return 0;
        double n = Math.Round(x * Log2E);
        double r = x - n * Ln2Upper - n * Ln2Lower;
        double sum = 1;
        for (int i = 13; i >= 1; i--) sum = 1 + sum * r / i;
        return sum * BitConverter.Int64BitsToDouble((long)n + 1023 << 52);
    }
}
