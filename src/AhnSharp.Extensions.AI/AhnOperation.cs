using System;
using System.Diagnostics;

namespace AhnSharp.Extensions.AI;

/// <summary>One request as it is told to whoever listens: a span, its duration, its tokens. Disposed without a word, it failed.</summary>
internal sealed class AhnOperation : IDisposable
{
    private readonly Activity? _activity;
    private readonly long _started = Stopwatch.GetTimestamp();
    private TagList _tags;
    private bool _isDone;

    public AhnOperation(Activity? activity, string operation, string model)
    {
        _activity = activity;
        _tags = new TagList
        {
            { "gen_ai.operation.name", operation },
            { "gen_ai.provider.name", AhnTelemetry.Provider },
            { "gen_ai.request.model", model },
            { "gen_ai.response.model", model },
        };
        foreach ((string key, object? value) in _tags) activity?.SetTag(key, value);
    }

    /// <summary>Seconds since it began.</summary>
    public double Seconds => Stopwatch.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Says more of it on its span alone.</summary>
    public void Tag(string name, object? value) => _activity?.SetTag(name, value);

    /// <summary>It ended well.</summary>
    /// <param name="inputTokens">Tokens that were read for it.</param>
    /// <param name="outputTokens">Tokens that were written; null: it writes none.</param>
    public void Succeed(long inputTokens, long? outputTokens = null)
    {
        double seconds = Seconds;
        AhnTelemetry.RecordTokens(_tags, "input", inputTokens);
        _activity?.SetTag("gen_ai.usage.input_tokens", inputTokens);
        if (outputTokens is { } written)
        {
            AhnTelemetry.RecordTokens(_tags, "output", written);
            _activity?.SetTag("gen_ai.usage.output_tokens", written);
        }
        if (seconds > 0) AhnTelemetry.RecordRate(_tags, (inputTokens + (outputTokens ?? 0)) / seconds);
        End(seconds);
    }

    /// <summary>It failed.</summary>
    public void Fail(Exception failure)
    {
        _tags.Add("error.type", failure.GetType().FullName);
        _activity?.SetTag("error.type", failure.GetType().FullName);
        _activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
        End(Seconds);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDone) Fail(new OperationCanceledException("Nobody waited for the end."));
        _activity?.Dispose();
    }

    private void End(double seconds)
    {
        if (_isDone) return;
        _isDone = true;
        AhnTelemetry.Record(_tags, seconds);
    }
}
