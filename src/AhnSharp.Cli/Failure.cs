using System;
using System.IO;
using System.Text.RegularExpressions;
using AhnSharp.Gguf;

namespace AhnSharp.Cli;

/// <summary>What a person is told of an exception: an exit code and one sentence on one line, never a stack trace.</summary>
internal static partial class Failure
{
    internal static (int ExitCode, string Sentence) Explain(Exception exception)
    {
        Exception cause = Cause(exception);
        return cause switch
        {
            UsageException => (AhnCommand.Misused, OneLine(cause.Message)),
            OperationCanceledException => (AhnCommand.Interrupted, "interrupted."),
            OutOfMemoryException => (AhnCommand.Failed, "not enough memory; 'ahn inspect' says what a file and a session take."),
            _ when IsAnswerable(cause) => (AhnCommand.Failed, OneLine(cause.Message)),
            _ => (AhnCommand.Failed, $"a fault of ahn itself ({cause.GetType().Name}): {OneLine(cause.Message)}"),
        };
    }

    // Kinds whose message is written for the person at the command line: by this project, or by the runtime about a file.
    private static bool IsAnswerable(Exception cause) =>
        cause is InvalidModelException or IOException or InvalidDataException or UnauthorizedAccessException or PlatformNotSupportedException
        || (cause.GetType().Namespace?.StartsWith(nameof(AhnSharp), StringComparison.Ordinal) ?? false);

    // A tier that this CPU lacks is found by a type initialiser; several threads report through an aggregate.
    private static Exception Cause(Exception exception) => exception switch
    {
        TypeInitializationException { InnerException: { } inner } => Cause(inner),
        AggregateException { InnerExceptions: [Exception inner, ..] } => Cause(inner),
        _ => exception,
    };

    private static string OneLine(string message) => LineBreaks().Replace(message.Trim(), " ");

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex LineBreaks();
}
