using System;
using System.Runtime.ExceptionServices;

namespace AhnSharp.Sessions;

/// <summary>How a pass ended for one sequence.</summary>
public enum StepResult
{
    /// <summary>Its tokens were read, and <see cref="LanguageSession.LastLogits"/> are those behind the last.</summary>
    Done,

    /// <summary>It was cancelled; its session stands where it stood.</summary>
    Cancelled,

    /// <summary>Its session keeps everything and has no room for the tokens; it stands where it stood.</summary>
    ContextFull,

    /// <summary>It failed, alone or with the whole pass; its session stands where it stood.</summary>
    Failed,
}

/// <summary>What became of one sequence in a pass.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Cause">Why; null where it is done.</param>
public readonly record struct StepOutcome(StepResult Result, Exception? Cause)
{
    /// <summary>Throws the cause of an outcome that is not <see cref="StepResult.Done"/>, as it was first thrown.</summary>
    public void ThrowUnlessDone()
    {
        if (Cause is not null) ExceptionDispatchInfo.Throw(Cause);
    }

    internal static StepOutcome Of(Exception cause) => new(
        cause switch
        {
            OperationCanceledException => StepResult.Cancelled,
            ContextOverflowException => StepResult.ContextFull,
            _ => StepResult.Failed,
        },
        cause);
}
