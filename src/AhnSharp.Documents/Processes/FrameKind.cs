namespace AhnSharp.Documents.Processes;

/// <summary>What a frame holds.</summary>
internal enum FrameKind : byte
{
    /// <summary>To the reader: the document's name and what it may cost; its bytes follow.</summary>
    Request = 1,

    /// <summary>To the reader: the document's bytes.</summary>
    File,

    /// <summary>To the reader: try what you can do.</summary>
    Probe,

    /// <summary>From the reader: it has given up what it could, and waits for a request.</summary>
    Ready = 16,

    /// <summary>From the reader: what a document is, without its parts.</summary>
    Head,

    /// <summary>From the reader: a part of the document.</summary>
    Part,

    /// <summary>From the reader: a note.</summary>
    Note,

    /// <summary>From the reader: that was all.</summary>
    End,

    /// <summary>From the reader: a sentence instead of a document.</summary>
    Refused,

    /// <summary>From the reader: an exception that nobody expected of the parser.</summary>
    Fault,

    /// <summary>From the reader: no more memory.</summary>
    OutOfMemory,

    /// <summary>From the reader: what a probe found.</summary>
    Probed,
}
