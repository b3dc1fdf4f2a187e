using System;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server;

/// <summary>What is logged; texts only where the options ask for it.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(101, LogLevel.Information, "Unloading {Model}: {Reason}.")]
    public static partial void Unloading(ILogger logger, string model, string reason);

    [LoggerMessage(102, LogLevel.Information,
        "{Client} {Method} {Path} {Status}: {ReadTokens} tokens read, {ReusedTokens} reused, {WrittenTokens} written in {Seconds:F2} s.")]
    public static partial void Answered(ILogger logger, string client, string method, string path, int status, long readTokens,
        long reusedTokens, int writtenTokens, double seconds);

    [LoggerMessage(103, LogLevel.Warning, "{Method} {Path} was refused with {Status} {Code}: {Sentence}")]
    public static partial void Refused(ILogger logger, string method, string path, int status, string code, string sentence);

    [LoggerMessage(104, LogLevel.Error, "{Method} {Path} failed.")]
    public static partial void Failed(ILogger logger, Exception failure, string method, string path);

    [LoggerMessage(105, LogLevel.Information, "Request of {Client}: {Text}")]
    public static partial void Asked(ILogger logger, string client, string text);

    [LoggerMessage(106, LogLevel.Information, "Answer to {Client}: {Text}")]
    public static partial void Said(ILogger logger, string client, string text);

    [LoggerMessage(107, LogLevel.Information, "Serving {Models} on {Addresses}.")]
    public static partial void Serving(ILogger logger, string models, string addresses);

    [LoggerMessage(108, LogLevel.Warning,
        "{Model}: {Answers} answers at once and the shortest piece of a prompt take {PassMs:F0} ms per token here, and may take "
            + "{PauseMs:F0}: fewer at once (--parallel) wait less, a longer pause (--longest-pause) is the other way out.")]
    public static partial void PausesLonger(ILogger logger, string model, int answers, double passMs, double pauseMs);
}
