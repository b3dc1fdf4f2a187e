using System;
using AhnSharp.Cli.Display;
using AhnSharp.Failures;

namespace AhnSharp.Cli;

/// <summary>What a person is told of an exception: an exit code and one sentence on one line, never a stack trace.</summary>
internal static class Failure
{
    internal static (int ExitCode, string Sentence) Explain(Exception exception)
    {
        Exception cause = FailureSentence.Cause(exception);
        return cause switch
        {
            UsageException => (AhnCommand.Misused, FailureSentence.Of(cause)),
            OperationCanceledException => (CtrlC.ExitCode, "interrupted."),
            ReaderLeftException => (AhnCommand.ReaderLeft, cause.Message),
            OutOfMemoryException => (AhnCommand.Failed, "not enough memory; 'ahn inspect' says what a file and a session take."),
            _ when FailureSentence.IsAnswerable(cause) => (AhnCommand.Failed, FailureSentence.Of(cause)),
            _ => (AhnCommand.Failed, $"a fault of ahn itself ({cause.GetType().Name}): {FailureSentence.Of(cause)}"),
        };
    }
}
