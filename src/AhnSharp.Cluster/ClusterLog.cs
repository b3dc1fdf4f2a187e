using System;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Cluster;

/// <summary>What a cluster tells the operator.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Id} is being read by another process that this one believed gone: waiting for it to end.")]
    public static partial void Waits(ILogger log, string id);

    [LoggerMessage(2, LogLevel.Warning, "{Id} was not read to its end; it is tried again.")]
    public static partial void NotRead(ILogger log, string id, Exception cause);

    [LoggerMessage(3, LogLevel.Warning, "{Id} is given up here: {Sentence}")]
    public static partial void Stale(ILogger log, string id, string sentence);

    [LoggerMessage(4, LogLevel.Warning, "A record of the library cannot be read and is left alone: {Sentence}")]
    public static partial void Strange(ILogger log, string sentence);

    [LoggerMessage(6, LogLevel.Information, "Silos of the cluster: {Silos}.")]
    public static partial void Silos(ILogger log, int silos);

    /// <summary>A call that is made again.</summary>
    public static void NoAnswer(ILogger log, Exception failure)
    {
        const int most = 120;
        // Orleans' sentences go on with stack traces.
        string sentence = failure.Message.Split('\n')[0].Split("   at ")[0].Trim();
        NoAnswer(log, sentence.Length <= most ? sentence : $"{sentence[..most]} …");
    }

    [LoggerMessage(5, LogLevel.Warning, "The cluster did not answer; asked again in a moment: {Sentence}")]
    private static partial void NoAnswer(ILogger log, string sentence);
}
