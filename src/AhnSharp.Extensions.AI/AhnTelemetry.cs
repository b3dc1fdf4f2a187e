using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading;
using AhnSharp.Sessions;

namespace AhnSharp.Extensions.AI;

/// <summary>
/// What is measured, under one name: <c>AddMeter(AhnTelemetry.Name)</c>, <c>AddSource(AhnTelemetry.Name)</c>.
/// </summary>
/// <remarks>
/// Names and units of <c>gen_ai.*</c> are those of OpenTelemetry's conventions for generative AI; <c>ahnsharp.*</c> is what they have no
/// word for: where the tokens of the sessions in use are, and what those take. Texts, answers and vectors are never in it.
/// </remarks>
public static class AhnTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "AhnSharp";

    /// <summary>The provider that clients name.</summary>
    internal const string Provider = "ahnsharp";

    private static readonly Lock s_gate = new();
    private static readonly List<AhnModelHost> s_hosts = [];
    private static readonly ActivitySource s_source = new(Name);
    private static readonly Meter s_meter = new(Name);

    private static readonly Histogram<long> s_tokens = s_meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Tokens read and written.", null, new InstrumentAdvice<long>
        {
            HistogramBucketBoundaries =
                [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
        });

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "gen_ai.client.operation.duration", "s", "Seconds of a request.", null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
        });

    private static readonly Gauge<double> s_rate = s_meter.CreateGauge<double>(
        "ahnsharp.tokens_per_second", "{token}/s", "Tokens per second of the last request, read and written together.");

    static AhnTelemetry()
    {
        s_meter.CreateObservableGauge(
            "ahnsharp.session.count", () => Sessions((_, _) => 1, load => load.Active), "{session}", "Sessions in use.");
        s_meter.CreateObservableGauge(
            "ahnsharp.session.state", () => Sessions((session, tokens) => session.Plan.Bytes(tokens), load => load.StateBytes), "By",
            "Bytes of exact and compressed memory of the sessions in use, by their lengths; what forks share counts in each.");
        s_meter.CreateObservableGauge("ahnsharp.session.tokens", Tokens, "{token}", "Where the tokens of the sessions in use are.");
        s_meter.CreateObservableGauge("ahnsharp.cache.size", Caches, "By", "Bytes of kept beginnings of conversations.");
    }

    /// <summary>Begins a request: a span, and what is counted when it ends.</summary>
    internal static AhnOperation Start(string operation, AhnModelHost host) => Start(operation, host.ModelId);

    /// <inheritdoc cref="Start(string, AhnModelHost)"/>
    internal static AhnOperation Start(string operation, string modelId) =>
        new(s_source.StartActivity($"{operation} {modelId}"), operation, modelId);

    internal static void Add(AhnModelHost host)
    {
        lock (s_gate) s_hosts.Add(host);
    }

    internal static void Remove(AhnModelHost host)
    {
        lock (s_gate) s_hosts.Remove(host);
    }

    internal static void Record(TagList tags, double seconds) => s_duration.Record(seconds, tags);

    internal static void RecordTokens(TagList tags, string type, long tokens)
    {
        tags.Add("gen_ai.token.type", type);
        s_tokens.Record(tokens, tags);
    }

    internal static void RecordRate(TagList tags, double tokensPerSecond) => s_rate.Record(tokensPerSecond, tags);

    private static List<Measurement<long>> Sessions(Func<LanguageSession, long, long> value, Func<TextEngineLoad, long> ofEngine)
    {
        List<Measurement<long>> all = [];
        foreach (AhnModelHost host in Hosts())
        {
            long sum = host.EngineLoad is { } load ? ofEngine(load) : 0;
            foreach (LanguageSession session in host.TrackedSessions()) sum += value(session, session.Position);
            all.Add(new Measurement<long>(sum, ModelTag(host)));
        }
        return all;
    }

    private static List<Measurement<long>> Tokens()
    {
        List<Measurement<long>> measured = [];
        foreach (AhnModelHost host in Hosts())
        {
            Tally all = host.EngineLoad?.Tokens ?? default;
            foreach (LanguageSession session in host.TrackedSessions()) all += session.Tally; // waits for no pass
            foreach ((string store, long tokens) in ((string, long)[])
                [("exact", all.Exact), ("archived", all.Archived), ("compressed", all.Compressed), ("dropped", all.Dropped)])
            {
                measured.Add(new Measurement<long>(tokens, ModelTag(host), new KeyValuePair<string, object?>("ahnsharp.store", store)));
            }
        }
        return measured;
    }

    private static List<Measurement<long>> Caches()
    {
        List<Measurement<long>> all = [];
        foreach (AhnModelHost host in Hosts()) all.Add(new Measurement<long>(host.EngineLoad?.CachedBytes ?? 0, ModelTag(host)));
        return all;
    }

    private static KeyValuePair<string, object?> ModelTag(AhnModelHost host) => new("gen_ai.request.model", host.ModelId);

    private static AhnModelHost[] Hosts()
    {
        lock (s_gate) return [.. s_hosts];
    }
}
