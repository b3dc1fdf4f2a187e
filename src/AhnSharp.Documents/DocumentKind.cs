namespace AhnSharp.Documents;

/// <summary>What a document was read as.</summary>
public enum DocumentKind
{
    /// <summary>Plain text; Markdown and source code too, as they stand.</summary>
    Text,

    /// <summary>HTML, as readable text.</summary>
    Html,

    /// <summary>PDF, page by page.</summary>
    Pdf,

    /// <summary>An EPUB book, chapter by chapter.</summary>
    Epub,

    /// <summary>A Word file (.docx).</summary>
    Word,

    /// <summary>A notebook of Jupyter, cell by cell.</summary>
    Notebook,

    /// <summary>The text files of a folder, each under its path.</summary>
    Folder,
}
