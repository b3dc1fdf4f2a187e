using System;
using System.IO;

namespace AhnSharp.Snapshots;

/// <summary>
/// A snapshot that cannot be used: damaged, or not of this model. One sentence: the file, the part of it, expected, found, what to do.
/// </summary>
public sealed class SnapshotException : IOException
{
    /// <summary>Creates the exception with its sentence.</summary>
    public SnapshotException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with its sentence and what led to it.</summary>
    public SnapshotException(string message, Exception inner) : base(message, inner)
    {
    }
}
