using System;

namespace AhnSharp.Sessions;

/// <summary>
/// A text is longer than the context of a session that keeps everything. Nothing was dropped: the session stands where it stood.
/// </summary>
public sealed class ContextOverflowException(long needed, long limit)
    : InvalidOperationException(
        $"The text needs {needed:N0} tokens and the context holds {limit:N0}: raise --context, or choose --memory window or ahn, "
            + $"which have no limit.")
{
    /// <summary>Tokens that the session would hold.</summary>
    public long NeededTokens { get; } = needed;

    /// <summary>Tokens that it can hold.</summary>
    public long LimitTokens { get; } = limit;
}
