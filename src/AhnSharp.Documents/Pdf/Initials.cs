using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>A large initial that stands over several lines begins the topmost of them.</summary>
/// <remarks>
/// It is one capital of at least 1.8 times the size of the word right of it (at most 1 em of that word away), whose baseline lies above its
/// own
/// and below its top. Of such words the topmost is its own.
/// </remarks>
internal static class Initials
{
    private const double Larger = 1.8, Top = 0.75, Away = 1, Into = 0.3;

    // A page has a few; the bound keeps a hostile one linear.
    private const int Most = 20;

    public static void Attach(List<Piece> pieces)
    {
        if (pieces.Count == 0) return;
        double size = Larger * Columns.MedianEm([new Row(0, pieces)]);
        foreach (Piece initial in pieces.Where(piece => piece.Glyphs == 1 && piece.Em >= size && char.IsUpper(piece.Text[0]))
            .Take(Most).ToArray())
        {
            Piece? first = null;
            foreach (Piece word in pieces)
            {
                double gap = (word.X0 - initial.X1) / word.Em, rise = word.Y - initial.Y;
                bool beside = gap is >= -Into and <= Away && word.Em * Larger <= initial.Em && rise > word.Em / 2
                    && rise < Top * initial.Em;
                if (beside && char.IsLetter(word.Text[0]) && (first is null || word.Y > first.Y)) first = word;
            }
            if (first is not null) initial.LineY = first.LineY;
        }
    }
}
