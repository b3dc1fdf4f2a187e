using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>A word or a part of one: glyphs of one baseline without a gap.</summary>
/// <remarks>Text runs from left to right as it is drawn, for right-to-left scripts too. Points and em as in <see cref="Glyph"/>.</remarks>
internal sealed class Piece
{
    public required string Text { get; set; }

    public required double X0 { get; init; }

    public required double X1 { get; set; }

    /// <summary>The baseline that it stands on itself.</summary>
    public required double Y { get; init; }

    /// <summary>The baseline of the line that it belongs to: another one for superscripts and subscripts.</summary>
    public double LineY { get; set; }

    public required double Em { get; set; }

    public bool Mono { get; set; }

    public int Glyphs { get; set; }

    public int Order { get; init; }

    /// <summary>A space was drawn before it.</summary>
    public bool SpaceDrawn { get; init; }

    public bool IsScript => LineY != Y;

    /// <summary>Where each of its glyphs starts, and what it reads as.</summary>
    public List<(double X0, double X1, string Text)> Parts { get; } = [];

    /// <summary>Takes off what stands right of x, as a piece of its own; null where nothing does or nothing would stay.</summary>
    public Piece? SplitAt(double x)
    {
        int at = Parts.FindIndex(part => part.X0 >= x);
        if (at <= 0) return null;
        Piece rest = new()
        {
            Text = string.Concat(Parts.Skip(at).Select(static part => part.Text)),
            X0 = Parts[at].X0,
            X1 = X1,
            Y = Y,
            LineY = LineY,
            Em = Em,
            Mono = Mono,
            Order = Order,
            Glyphs = Parts.Count - at,
            IsSplit = true
        };
        rest.Parts.AddRange(Parts.Skip(at));
        Parts.RemoveRange(at, Parts.Count - at);
        (Text, X1, Glyphs) = (string.Concat(Parts.Select(static part => part.Text)), Parts.Max(static part => part.X1), at);
        return rest;
    }

    /// <summary>It is the rest of a word that a raised letter stands in.</summary>
    public bool IsSplit { get; init; }
}
