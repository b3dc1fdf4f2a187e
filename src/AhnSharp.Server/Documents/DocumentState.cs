namespace AhnSharp.Server.Documents;

/// <summary>How far a document has come.</summary>
internal enum DocumentState
{
    /// <summary>It waits for its turn.</summary>
    Queued,

    /// <summary>Its text is taken out of the file.</summary>
    Extracting,

    /// <summary>A model reads it.</summary>
    Reading,

    /// <summary>It can be asked about.</summary>
    Ready,

    /// <summary>It cannot be read; the record says why.</summary>
    Failed,
}
