using System;

namespace AhnSharp.Native.Boundary;

/// <summary>What this interface itself refuses: a status and its sentence.</summary>
internal sealed class BoundaryException(Status status, string sentence) : Exception(sentence)
{
    internal Status Status { get; } = status;
}
