using System.Collections.Generic;
using System.Linq;
using System.Text;
using AhnSharp.Documents.Html;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Docx;

/// <summary>A flow of text that is being read: the body, a note, or a text box; its paragraph, and the cell and row around that.</summary>
internal sealed class Story
{
    private bool _isInParagraph;

    /// <summary>The paragraph so far.</summary>
    public StringBuilder Line { get; } = new();

    /// <summary>Paragraphs and rows that are whole; the flag: they stand close to one like them.</summary>
    public List<(string Text, bool IsClose)> Blocks { get; } = [];

    /// <summary>Text boxes anchored in the paragraph: they come behind it.</summary>
    public List<(string Text, bool IsClose)> Boxes { get; } = [];

    public List<string> Cells { get; } = [];

    public StringBuilder? Cell { get; set; }

    /// <summary>Tables that are open; only the outermost has rows, what is in a cell is one line.</summary>
    public int Tables { get; set; }

    public string? Style { get; set; }

    public string? List { get; set; }

    public int Level { get; set; }

    public int Outline { get; set; }

    public string Description { get; set; } = "";

    public void Begin()
    {
        Line.Clear();
        (Style, List, Level, Outline, _isInParagraph) = (null, null, 0, 0, true);
    }

    /// <summary>A tab that is typed, not the place of one among a paragraph's properties.</summary>
    public bool IsInRun(MarkupReader tag) => _isInParagraph && tag.Attribute("pos") is null;

    public string TakeLine()
    {
        string line = Line.ToString().Replace("\u00AD", "", System.StringComparison.Ordinal).Trim();
        Line.Clear();
        _isInParagraph = false;
        return line;
    }

    public void EndParagraph(string line, bool isItem)
    {
        if (Cell is not null)
        {
            if (line.Length > 0) Cell.Append(' ').Append(line);
            foreach ((string box, _) in Boxes) Cell.Append(' ').Append(box);
        }
        else
        {
            if (line.Length > 0) Blocks.Add((line, isItem));
            Blocks.AddRange(Boxes);
        }
        Boxes.Clear();
    }

    public void EndCell()
    {
        Cells.Add(HtmlWriter.Collapsed(Cell?.ToString() ?? ""));
        Cell = null;
    }

    // Rows stand on lines of their own, close to each other.
    public void EndRow()
    {
        if (Cell is not null) EndCell();
        if (Cells.Any(static cell => cell.Length > 0)) Blocks.Add((HtmlWriter.Collapsed(string.Join(" | ", Cells)), true));
        Cells.Clear();
    }

    public void EndAll()
    {
        if (Line.Length > 0) EndParagraph(TakeLine(), isItem: false);
        if (Tables > 0 || Cell is not null) EndRow();
    }
}
