namespace AhnSharp.Server.Answers;

/// <summary>Why an answer ended, as clients are told.</summary>
internal enum FinishReason
{
    /// <summary>It is whole.</summary>
    Stop,

    /// <summary>It reached a stop string.</summary>
    StopString,

    /// <summary>It has as many tokens as were allowed, or the context is full.</summary>
    Length,

    /// <summary>It calls functions, and waits for what they return.</summary>
    Calls,
}
