namespace AhnSharp.Plots;

/// <summary>The colours of everything that is no value of a heat map.</summary>
internal static class PlotColors
{
    internal const string Background = "#FFFFFF", Ink = "#1F2328", Faint = "#59636E", Grid = "#E4E7EB", Frame = "#8C959F";

    /// <summary>No value: a grey that the colour scale does not hold.</summary>
    internal const string Missing = "#D0D4D9";

    // Told apart with every common kind of colour blindness: Okabe and Ito, "Color Universal Design" (2008), without its
    // yellow, which is lost on white.
    private static readonly string[] Lines = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

    internal static string Line(int style) => Lines[style % Lines.Length];
}
