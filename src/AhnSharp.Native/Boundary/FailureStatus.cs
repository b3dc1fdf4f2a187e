using System;
using System.IO;
using System.Text.Json;
using AhnSharp.Failures;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Native.Boundary;

/// <summary>What a program is told of an exception: a status and one sentence on one line, the one that the command line prints.</summary>
internal static class FailureStatus
{
    internal static (Status Status, string Sentence) Of(Exception exception)
    {
        Exception cause = FailureSentence.Cause(exception);
        return cause switch
        {
            BoundaryException refused => (refused.Status, refused.Message),
            OperationCanceledException => (Status.Cancelled, "Cancelled by the program that called."),
            OutOfMemoryException => (Status.OutOfMemory, "There is not enough memory; 'ahn inspect' says what a file and a session take."),
            ContextOverflowException => (Status.ContextOverflow, FailureSentence.Of(cause)),
            SnapshotException or InvalidModelException when cause.InnerException is IOException or UnauthorizedAccessException =>
                (Status.FileError, FailureSentence.Of(cause)),
            SnapshotException => (Status.SnapshotRefused, FailureSentence.Of(cause)),
            InvalidModelException or InvalidDataException => (Status.InvalidModel, FailureSentence.Of(cause)),
            IOException or UnauthorizedAccessException => (Status.FileError, FailureSentence.Of(cause)),
            PlatformNotSupportedException => (Status.Unsupported, FailureSentence.Of(cause)),
            ObjectDisposedException => (Status.Internal, Fault(cause)),
            // The engine says with it what a model or session cannot do: a mode without a memory, an answer without a text.
            InvalidOperationException => (Status.InvalidArgument, FailureSentence.Of(cause)),
            ArgumentException misused => (Status.InvalidArgument, Argument(misused)),
            _ => (Status.Internal, Fault(cause)),
        };
    }

    private static string Fault(Exception cause) => $"A fault of AhnSharp itself ({cause.GetType().Name}): {FailureSentence.Of(cause)}";

    // "TopP: expected … (Parameter 'TopP')" becomes "top_p: expected …", the name that the header has.
    private static string Argument(ArgumentException misused)
    {
        string sentence = FailureSentence.Of(misused);
        int suffix = sentence.IndexOf(" (Parameter '", StringComparison.Ordinal);
        if (suffix >= 0) sentence = sentence[..suffix];
        string? name = misused.ParamName;
        return name is { Length: > 0 } && sentence.StartsWith(name + ":", StringComparison.Ordinal)
            ? JsonNamingPolicy.SnakeCaseLower.ConvertName(name) + sentence[name.Length..]
            : sentence;
    }
}
