using System.Collections.Generic;
using System.Linq;
using UglyToad.PdfPig.Content;

namespace AhnSharp.Documents.Pdf;

/// <summary>A page as lines in reading order, with what is known of it besides.</summary>
/// <param name="Number">Of the page, from 1.</param>
/// <param name="Lines">In reading order; text of other directions follows that of the main one.</param>
/// <param name="HasPictures">It draws a picture.</param>
internal sealed record PageText(int Number, List<TextLine> Lines, bool HasPictures)
{
    public static PageText Of(Page page, int number)
    {
        List<TextLine> lines = [];
        bool main = true;
        foreach (List<Glyph> glyphs in PageGlyphs.Of(page))
        {
            Overprints.Remove(glyphs);
            Accents.Compose(glyphs);
            List<Piece> pieces = Pieces.Of(glyphs);
            Initials.Attach(pieces);
            Scripts.Attach(pieces);
            // Rules are known in the page's own frame alone.
            Rules rules = main && pieces.Count > 0 ? Rules.Of(page) : Rules.None;
            int first = lines.Count;
            foreach (List<Row> region in Columns.Of(Rows.Of(pieces), rules)) RegionLines.Append(region, rules, lines);
            if (!main) foreach (TextLine line in lines.Skip(first)) line.IsUpright = false;
            main = false;
        }
        return new PageText(number, lines, page.NumberOfImages > 0);
    }
}
