using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Linq;

namespace AhnSharp.Extensions.AI.Tests;

/// <summary>What the meter and the source tell of one model.</summary>
internal sealed class Recorder : IDisposable
{
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _spans;
    private readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> _values = [];
    private readonly ConcurrentQueue<Activity> _ended = [];

    public Recorder(string model)
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == AhnTelemetry.Name) listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(model, instrument, value, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(model, instrument, value, tags));
        _meters.Start();
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == AhnTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (Equals(span.GetTagItem("gen_ai.request.model"), model)) _ended.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_spans);
    }

    public IReadOnlyList<Activity> Spans => [.. _ended];

    /// <summary>Values of an instrument, with their tags.</summary>
    public IReadOnlyList<(string Name, double Value, Dictionary<string, object?> Tags)> Of(string instrument)
    {
        _meters.RecordObservableInstruments();
        return [.. _values.Where(value => value.Name == instrument)];
    }

    public void Dispose()
    {
        _meters.Dispose();
        _spans.Dispose();
    }

    private void Add(string model, Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Dictionary<string, object?> all = new(tags.ToArray());
        if (Equals(all.GetValueOrDefault("gen_ai.request.model"), model)) _values.Enqueue((instrument.Name, value, all));
    }
}
