using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Linq;
using AhnSharp.Server.Models;

namespace AhnSharp.Server.Metrics;

/// <summary>What the server measures of itself, beside what the engine measures (<see cref="Extensions.AI.AhnTelemetry"/>).</summary>
internal sealed class ServerMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "AhnSharp.Server";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _requests;
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _first, _between;

    public ServerMetrics(ModelRegistry models)
    {
        _requests = _meter.CreateCounter<long>("ahnsharp.server.requests", "{request}", "Requests that were answered, by path and status.");
        _tokens = _meter.CreateCounter<long>("ahnsharp.server.tokens", "{token}", "Tokens of answers: read, reused, written.");
        _first = _meter.CreateHistogram("ahnsharp.server.time_to_first_token", "s", "From a request to the first of its answer.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000] });
        _between = _meter.CreateHistogram("ahnsharp.server.time_between_tokens", "s", "Between pieces of an answer that is written.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 1, 3, 10] });
        _meter.CreateObservableGauge("ahnsharp.server.running", () => Of(models, static model => model.Admission.Running), "{request}",
            "Requests that have their turn.");
        _meter.CreateObservableGauge("ahnsharp.server.waiting", () => Of(models, static model => model.Admission.Waiting), "{request}",
            "Requests that wait for it.");
        _meter.CreateObservableGauge("ahnsharp.server.model.planned", () => Of(models, static model => model.PlannedBytes), "By",
            "Bytes that a loaded model is planned to take at most.");
    }

    public void Requested(string path, int status) =>
        _requests.Add(1, new TagList { { "path", path }, { "status", status } });

    public void Answered(string model, long read, long reused, long written)
    {
        _tokens.Add(read, new TagList { { "model", model }, { "type", "read" } });
        _tokens.Add(reused, new TagList { { "model", model }, { "type", "reused" } });
        _tokens.Add(written, new TagList { { "model", model }, { "type", "written" } });
    }

    public void Began(string model, TimeSpan time) => _first.Record(time.TotalSeconds, new TagList { { "model", model } });

    public void WentOn(string model, TimeSpan time) => _between.Record(time.TotalSeconds, new TagList { { "model", model } });

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Of(ModelRegistry models, Func<LoadedModel, long> value) =>
        models.Loaded.Select(model => new Measurement<long>(value(model), new KeyValuePair<string, object?>("model", model.Served.Id)));
}
