using System;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Extensions.AI;

/// <summary>What is logged; neither texts nor vectors ever are.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Loading {Model} from {Path}.")]
    public static partial void Loading(ILogger logger, string model, string? path);

    [LoggerMessage(2, LogLevel.Information, "{Model} was loaded in {Seconds:F1} s: {WeightBytes} bytes of weights on {RunsOn}.")]
    public static partial void Loaded(ILogger logger, string model, double seconds, long weightBytes, string runsOn);

    [LoggerMessage(3, LogLevel.Error, "{Model} could not be loaded: {Sentence}")]
    public static partial void LoadingFailed(ILogger logger, Exception failure, string model, string sentence);

    [LoggerMessage(4, LogLevel.Information, "The loading of {Model} was cancelled.")]
    public static partial void LoadingCancelled(ILogger logger, string model);

    [LoggerMessage(5, LogLevel.Information, "{Model} was freed.")]
    public static partial void Freed(ILogger logger, string model);

    [LoggerMessage(6, LogLevel.Debug, "{Model} embedded {Texts} texts of {Tokens} tokens in {Seconds:F3} s.")]
    public static partial void Embedded(ILogger logger, string model, int texts, long tokens, double seconds);

    [LoggerMessage(7, LogLevel.Debug,
        "{Model} read {ReadTokens} tokens, reused {ReusedTokens} and wrote {WrittenTokens} at {TokensPerSecond:F1} tokens/s.")]
    public static partial void Answered(
        ILogger logger, string model, long readTokens, long reusedTokens, int writtenTokens, double tokensPerSecond);
}
