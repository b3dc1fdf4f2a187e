namespace AhnSharp.Documents.Pdf;

/// <summary>One drawn character (or ligature, spelled out), in the frame of its reading direction.</summary>
/// <remarks>
/// The frame: x runs along the baseline in reading direction, y up from it, both in points (1/72 inch); a page of one direction has its
/// lower left corner at 0, 0. One em is the font's size in points. A space that was drawn is a glyph too: it is evidence between its
/// neighbours.
/// </remarks>
/// <param name="Text">What it reads as.</param>
/// <param name="X0">Where it starts on the baseline.</param>
/// <param name="X1">Where its advance ends, without the spacing that the file adds between characters.</param>
/// <param name="Y">The baseline.</param>
/// <param name="Em">The size of its font.</param>
/// <param name="Order">Its place in drawing order: what breaks ties.</param>
/// <param name="Mono">Its font gives every letter the same advance.</param>
internal readonly record struct Glyph(string Text, double X0, double X1, double Y, double Em, int Order, bool Mono)
{
    public bool IsSpace => string.IsNullOrWhiteSpace(Text);

    public double Middle => (X0 + X1) / 2;
}
