using System;

namespace AhnSharp.Hub;

/// <summary>A failure that may be gone at the next try: a cut or stalled connection, 429, 5xx.</summary>
internal sealed class TransientException(string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : HubException(message, inner!)
{
    /// <summary>How long the server asked to be left alone, where it said so.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
