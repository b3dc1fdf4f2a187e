namespace AhnSharp.Cli.Options;

/// <summary>When a command gives its session an archive although nobody has spoken of one.</summary>
internal enum ArchiveDefault
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>Always: what it reads is kept for questions to come.</summary>
    On,

    /// <summary>Where a document is read first that is longer than what is kept exactly.</summary>
    ForDocuments,
}
