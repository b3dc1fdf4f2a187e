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

    /// <summary>Bytes that a compressed document's text may unpack to, together; never more than 64 times the file, or 16 MB where that is more.</summary>
    public long UnpackedBytes { get; init; } = 256L << 20;

    /// <summary>Whether letters and the accents behind them become one character (Unicode's form C), as models learned them; a note says where.</summary>
    public bool Normalize { get; init; } = true;
}
