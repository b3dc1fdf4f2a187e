namespace AhnSharp;

/// <summary>Why an answer ended.</summary>
public enum StopReason
{
    /// <summary>It has not ended yet.</summary>
    None,

    /// <summary>The model chose one of the file's end tokens.</summary>
    EndToken,

    /// <summary>The text reached one of the stop strings, which is not part of the answer.</summary>
    StopString,

    /// <summary>
    /// As many tokens as were allowed: the answer may be incomplete. One that is held to a constraint was closed in time, and is whole
    /// (<see cref="GenerationStatistics.IsWhole"/>).
    /// </summary>
    MaxTokens,

    /// <summary>It is whole by <see cref="GenerationOptions.Constraint"/>: nothing could follow.</summary>
    Complete,

    /// <summary>Cancelled, or no longer wanted by its reader.</summary>
    Cancelled,

    /// <summary>Ended by an error, such as a full context.</summary>
    Failed,
}
