using System;

namespace AhnSharp.Documents;

/// <summary>What a document may cost before it is refused: files come from anywhere.</summary>
public sealed record DocumentLimits
{
    /// <summary>Bytes of a file that is named.</summary>
    public long FileBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of a file in a folder; larger ones are listed, not read.</summary>
    public long FolderFileBytes { get; init; } = 1L << 20;

    /// <summary>Files of a folder, skipped ones included.</summary>
    public int FolderFiles { get; init; } = 100_000;

    /// <summary>Bytes that the chapters of an EPUB may unpack to, together.</summary>
    public long UnpackedBytes { get; init; } = 256L << 20;

    /// <summary>Elements of HTML that may stand open at once.</summary>
    public int HtmlOpenElements { get; init; } = 10_000;

    /// <summary>Elements of HTML inside each other; deeper ones are read as if they stood at this depth.</summary>
    public int HtmlDepth { get; init; } = 256;

    /// <summary>Where files of a complex format (PDF, HTML, EPUB) are taken apart. Plain text and folders of it need no process: bytes are decoded, nothing more.</summary>
    public DocumentIsolation Isolation { get; init; } = DocumentIsolation.OwnProcess;

    /// <summary>Memory that the process of its own may take for a document, besides what it takes by itself and the file's bytes.</summary>
    public long ReaderMemoryBytes { get; init; } = 1_000_000_000;

    /// <summary>Processor time that the process of its own may take for a document.</summary>
    public TimeSpan ReaderTime { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Bytes, as UTF-8, of what the process of its own may answer.</summary>
    public long ReaderTextBytes { get; init; } = 512L << 20;

    /// <summary>How long the process of its own may stand still: no processor time, no answer.</summary>
    public TimeSpan ReaderStandstill { get; init; } = TimeSpan.FromSeconds(30);
}
