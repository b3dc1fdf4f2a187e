using System;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server.Documents;

/// <summary>What a store tells the operator: causes with their paths, which clients never see.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(1, LogLevel.Warning, "A record of a document cannot be read and is left alone: {Sentence}")]
    public static partial void Strange(ILogger log, string sentence);

    [LoggerMessage(2, LogLevel.Warning, "The document {Name} could not be read.")]
    public static partial void Failed(ILogger log, string name, Exception cause);

    [LoggerMessage(3, LogLevel.Error, "The record of {Id} could not be written.")]
    public static partial void NotWritten(ILogger log, string id, Exception cause);
}
