using System;
using System.Globalization;

namespace AhnSharp.Plots;

/// <summary>
/// Colours from dark blue to yellow whose lightness rises evenly, so that the order shows to every eye and in grey print too.
/// </summary>
/// <remarks>
/// The ten colours are those of viridis (S. van der Walt, N. Smith and E. Firing, 2015, CC0) at ninths; between
/// them the scale is linear in sRGB.
/// </remarks>
internal static class ColorScale
{
    private static readonly (byte R, byte G, byte B)[] Colors =
    [
        (0x44, 0x01, 0x54), (0x48, 0x28, 0x78), (0x3E, 0x49, 0x89), (0x31, 0x68, 0x8E), (0x26, 0x82, 0x8E),
        (0x1F, 0x9E, 0x89), (0x35, 0xB7, 0x79), (0x6D, 0xCD, 0x59), (0xB4, 0xDE, 0x2C), (0xFD, 0xE7, 0x25),
    ];

    /// <summary>The colour at a fraction, which is held to 0 … 1.</summary>
    internal static string At(double fraction)
    {
        double place = Math.Clamp(fraction, 0, 1) * (Colors.Length - 1);
        int lower = Math.Min((int)place, Colors.Length - 2);
        double part = place - lower;
        (byte R, byte G, byte B) a = Colors[lower], b = Colors[lower + 1];
        return string.Create(CultureInfo.InvariantCulture, $"#{Mix(a.R, b.R):X2}{Mix(a.G, b.G):X2}{Mix(a.B, b.B):X2}");

        byte Mix(byte from, byte to) => (byte)Math.Round(from + part * (to - from));
    }
}
