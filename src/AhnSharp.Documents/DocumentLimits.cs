using System;

namespace AhnSharp.Documents;

/// <summary>What a document may cost before it is refused, for files come from anywhere; and how its text is given.</summary>
public sealed record DocumentLimits
{
    /// <summary>Bytes of a file that is named.</summary>
    public long FileBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of a file in a folder; larger ones are listed, not read.</summary>
    public long FolderFileBytes { get; init; } = 1L << 20;

    /// <summary>Files of a folder, skipped ones included.</summary>
    public int FolderFiles { get; init; } = 100_000;

    /// <summary>Folders inside each other; what lies deeper is listed, not read.</summary>
    public int FolderDepth { get; init; } = 512;

    /// <summary>
    /// Bytes that a compressed document's text may unpack to, together; never more than 64 times the file, or 16 MB where that is more.
    /// </summary>
    public long UnpackedBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Whether letters and the accents behind them become one character (Unicode's form C), as models learned them; a note says where.
    /// </summary>
    public bool Normalize { get; init; } = true;

    /// <summary>
    /// Where files of a complex format (PDF, HTML, EPUB) are taken apart. Plain text and folders of it need no process:
    /// bytes are decoded, nothing more.
    /// </summary>
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
