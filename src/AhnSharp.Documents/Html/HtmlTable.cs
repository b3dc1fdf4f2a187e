using System.Collections.Generic;

namespace AhnSharp.Documents.Html;

/// <summary>A table of data as it is read: a row is a line, with | between its cells.</summary>
internal sealed class HtmlTable(HtmlWriter page)
{
    private readonly List<string> _cells = [];

    /// <summary>What stands in the cell that is open; null between cells.</summary>
    public HtmlWriter? Cell { get; private set; }

    public void BeginCell()
    {
        EndCell();
        Cell = new HtmlWriter();
    }

    // A cell is one line, whatever stands in it.
    public void EndCell()
    {
        if (Cell is null) return;
        _cells.Add(HtmlWriter.Collapsed(Cell.Text));
        Cell = null;
    }

    /// <summary>The caption is a line too.</summary>
    public void EndRow()
    {
        EndCell();
        if (_cells.Exists(static cell => cell.Length > 0))
        {
            page.Line();
            page.Run(string.Join(" | ", _cells));
        }
        _cells.Clear();
    }
}
