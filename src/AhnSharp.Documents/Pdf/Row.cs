using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>The pieces of one line of writing, over the whole width of a page or of a column, from left to right.</summary>
internal sealed class Row(double y, List<Piece> pieces)
{
    /// <summary>The baseline, in points from the bottom of the page.</summary>
    public double Y { get; } = y;

    /// <summary>By X0; a script that stands over another comes first.</summary>
    public List<Piece> Pieces { get; } = pieces;

    public double X0 => Pieces[0].X0;

    public double X1 => Pieces.Max(static piece => piece.X1);

    /// <summary>The size of what stands on its baseline; an initial over several lines is larger.</summary>
    public double Em => Pieces.Where(static piece => !piece.IsScript).Select(static piece => piece.Em).DefaultIfEmpty(Pieces[0].Em).Max();

    /// <summary>A line of a listing: it begins in a font of one width, and four of five of its glyphs are of one.</summary>
    public bool IsMono => Pieces[0].Mono && Pieces.Sum(static piece => piece.Mono ? piece.Glyphs : -4 * piece.Glyphs) >= 0;

    /// <summary>What of it lies in an interval of x; null where nothing does.</summary>
    public Row? Between(double x0, double x1)
    {
        List<Piece> inside = [.. Pieces.Where(piece => (piece.X0 + piece.X1) / 2 is double middle && middle >= x0 && middle < x1)];
        return inside.Count == 0 ? null : new Row(Y, inside);
    }
}
