using System;
using System.IO;
using System.Text.RegularExpressions;
using AhnSharp.Gguf;

namespace AhnSharp.Failures;

/// <summary>What a person or another program is told of an exception: one sentence on one line, never a stack trace.</summary>
public static partial class FailureSentence
{
    /// <summary>
    /// What it is really about: a tier that this CPU lacks is found by a type initialiser; several threads report through an aggregate.
    /// </summary>
    public static Exception Cause(Exception exception) => exception switch
    {
        TypeInitializationException { InnerException: { } inner } => Cause(inner),
        AggregateException { InnerExceptions: [Exception inner, ..] } => Cause(inner),
        _ => exception,
    };

    /// <summary>
    /// Whether the message of a cause is written for whoever asked: by this project, or by the runtime about a file.
    /// Others are faults of this project.
    /// </summary>
    public static bool IsAnswerable(Exception cause) =>
        cause is InvalidModelException or IOException or InvalidDataException or UnauthorizedAccessException
            or PlatformNotSupportedException
        || (cause?.GetType().Namespace?.StartsWith(nameof(AhnSharp), StringComparison.Ordinal) ?? false);

    /// <summary>The message of a cause, on one line.</summary>
    public static string Of(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return LineBreaks().Replace(cause.Message.Trim(), " ");
    }

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex LineBreaks();
}
