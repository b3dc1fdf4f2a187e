namespace AhnSharp.Documents.Pdf;

/// <summary>One line of the text that is read of a page.</summary>
internal sealed class TextLine
{
    /// <summary>Words with single spaces; cells of a table with " | " between them; a listing with its indentation.</summary>
    public required string Text { get; set; }

    /// <summary>Its baseline, in points from the bottom of the page; of several (a cell of some lines) the first.</summary>
    public required double Y { get; init; }

    public required double Em { get; init; }

    /// <summary>A paragraph, table, column or listing begins with it.</summary>
    public bool StartsBlock { get; set; }

    /// <summary>Its spaces and hyphens mean something: a listing or a row of a table.</summary>
    public bool IsVerbatim { get; init; }

    /// <summary>It runs in the page's main direction: a turned line can be no running head.</summary>
    public bool IsUpright { get; set; } = true;
}
