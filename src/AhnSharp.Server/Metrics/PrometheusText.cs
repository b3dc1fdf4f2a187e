using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;
using AhnSharp.Extensions.AI;

namespace AhnSharp.Server.Metrics;

/// <summary>All that is measured, in the text that Prometheus reads.</summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    public PrometheusText()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name is ServerMetrics.Name or AhnTelemetry.Name) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Everything as it stands now.</summary>
    public string Write()
    {
        lock (_gate)
        {
            // A gauge of a model that was unloaded has no value any more.
            foreach (Family family in _families.Values.Where(static family => family.IsObserved)) family.Series.Clear();
            _listener.RecordObservableInstruments();
            StringBuilder text = new();
            foreach (Family family in _families.Values) family.Write(text);
            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            Family family = FamilyOf(instrument);
            string labels = Labels(tags);
            if (!family.Series.TryGetValue(labels, out Series? series))
                family.Series[labels] = series = new Series(family.Boundaries.Count);
            series.Add(value, family);
        }
    }

    private Family FamilyOf(Instrument instrument)
    {
        string name = NameOf(instrument);
        if (_families.TryGetValue(name, out Family? known)) return known;
        IReadOnlyList<double> boundaries = instrument switch
        {
            Histogram<double> of => of.Advice?.HistogramBucketBoundaries ?? [],
            Histogram<long> of => [.. (of.Advice?.HistogramBucketBoundaries ?? []).Select(static bound => (double)bound)],
            _ => [],
        };
        string type = instrument is Histogram<double> or Histogram<long> ? "histogram" : instrument is Counter<long> ? "counter" : "gauge";
        return _families[name] = new Family(name, type, instrument.Description ?? "", boundaries, instrument.IsObservable);
    }

    // ahnsharp.server.time_to_first_token in s: ahnsharp_server_time_to_first_token_seconds.
    private static string NameOf(Instrument instrument)
    {
        string name = instrument.Name.Replace('.', '_');
        name += instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return instrument is Counter<long> ? name + "_total" : name;
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0) return "";
        List<string> labels = [];
        foreach ((string name, object? value) in tags)
        {
            string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            labels.Add($"{name.Replace('.', '_')}=\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"");
        }
        labels.Sort(StringComparer.Ordinal);
        return string.Join(',', labels);
    }

    private sealed class Family(string name, string type, string help, IReadOnlyList<double> boundaries, bool isObserved)
    {
        public bool IsObserved => isObserved;
        public bool IsCounter => type == "counter";
        public IReadOnlyList<double> Boundaries => boundaries;
        public SortedDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);

        public void Write(StringBuilder text)
        {
            if (Series.Count == 0) return;
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
            foreach ((string labels, Series series) in Series)
            {
                if (type != "histogram")
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{Braced(labels)} {series.Value}\n");
                    continue;
                }
                long below = 0;
                string more = labels.Length > 0 ? labels + "," : "";
                for (int i = 0; i < boundaries.Count; i++)
                {
                    below += series.Buckets[i];
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{more}le=\"{boundaries[i]}\"}} {below}\n");
                }
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{more}le=\"+Inf\"}} {series.Count}\n");
                text.Append(CultureInfo.InvariantCulture, $"{name}_sum{Braced(labels)} {series.Value}\n");
                text.Append(CultureInfo.InvariantCulture, $"{name}_count{Braced(labels)} {series.Count}\n");
            }
        }

        private static string Braced(string labels) => labels.Length > 0 ? $"{{{labels}}}" : "";
    }

    private sealed class Series(int buckets)
    {
        public double Value { get; private set; }
        public long Count { get; private set; }
        public long[] Buckets { get; } = new long[buckets];

        public void Add(double value, Family family)
        {
            Count++;
            bool sums = family.IsCounter || Buckets.Length > 0;
            Value = sums ? Value + value : value;
            for (int i = 0; i < Buckets.Length; i++)
            {
                if (value > family.Boundaries[i]) continue;
                Buckets[i]++;
                break;
            }
        }
    }
}
