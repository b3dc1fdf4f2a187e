using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Evaluation;
using AhnSharp.Plots;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>
/// Perplexity against position. The axis is logarithmic: windows of hundreds of tokens and texts of a hundred
/// thousand must both be readable.
/// </summary>
internal static class PerplexityPlot
{
    private const string Position = "position in the text (tokens, logarithmic)";

    /// <summary>The perplexities, and where full attention is among several, what the others lose to it.</summary>
    internal static IEnumerable<Panel> Panels(IReadOnlyList<PerplexityReading> readings)
    {
        IReadOnlyList<(int Start, int Tokens)> bins = PositionBins.Over(readings[0].Result.Tokens);
        yield return new LineChart
        {
            Title = "Perplexity by position",
            Subtitle = string.Create(CultureInfo.InvariantCulture, $"{readings[0].Result.Tokens:N0} tokens: "
                + $"{string.Join(", ", readings.Select(reading => $"{MemoryName.Of(reading.Plan.Mode)} {reading.Result.Perplexity:N2}"))}; "
                + $"the lines share what is hard in the text"),
            XLabel = Position,
            YLabel = "perplexity of a token (logarithmic)",
            LogX = true,
            LogY = true,
            Series = [.. readings.Select(reading => new ChartSeries(MemoryName.Of(reading.Plan), [.. bins.Select(bin => new ChartPoint(
                PositionBins.Middle(bin), Math.Exp(reading.Result.NegativeLogLikelihoods.AsSpan(bin.Start, bin.Tokens)
                    .ToArray().Average(nll => (double)nll))))], StyleOf(reading.Plan)))],
            XMarkers = [.. WindowEnds(readings.Select(reading => reading.Plan))],
        };
        PerplexityReading? full = readings.FirstOrDefault(reading => reading.Plan.Mode == MemoryMode.Full);
        if (full is null || readings.Count < 2) yield break;
        yield return new LineChart
        {
            Title = "What forgetting costs: perplexity above full attention",
            Subtitle = "band: one standard error, token by token against full attention",
            XLabel = Position,
            YLabel = "perplexity above full attention (%)",
            LogX = true,
            Series = [.. readings.Where(reading => reading != full).Select(reading =>
                new ChartSeries(MemoryName.Of(reading.Plan), [.. bins.Select(bin => Above(reading, full, bin))], StyleOf(reading.Plan)))],
            XMarkers = [.. WindowEnds(readings.Select(reading => reading.Plan))],
            YMarkers = [new ChartMarker(0, "full attention")],
        };
    }

    /// <summary>A memory has its colour and mark in every drawing.</summary>
    internal static int StyleOf(SessionPlan plan) => (int)plan.Mode;

    /// <summary>The position at which a text leaves the window, marked once for all that have the same.</summary>
    internal static IEnumerable<ChartMarker> WindowEnds(IEnumerable<SessionPlan> plans) => plans
        .Where(plan => plan.Mode != MemoryMode.Full)
        .Select(plan => plan.Window + plan.Sinks)
        .Distinct()
        .Select(tokens => new ChartMarker(tokens, string.Create(CultureInfo.InvariantCulture, $"window ends (S + W = {tokens:N0})")));

    private static ChartPoint Above(PerplexityReading reading, PerplexityReading full, (int Start, int Tokens) bin)
    {
        var change = new double[bin.Tokens];
        for (int i = 0; i < bin.Tokens; i++)
            change[i] = (double)reading.Result.NegativeLogLikelihoods[bin.Start + i] - full.Result.NegativeLogLikelihoods[bin.Start + i];
        Distribution all = Distribution.Of(change);
        return new ChartPoint(
            PositionBins.Middle(bin), Percent(all.Mean), Percent(all.Mean - all.StandardError), Percent(all.Mean + all.StandardError));
    }

    private static double Percent(double nllChange) => 100 * (Math.Exp(nllChange) - 1);
}
