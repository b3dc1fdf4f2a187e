using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Evaluation;
using AhnSharp.Plots;

namespace AhnSharp.Cli.Display;

/// <summary>A comparison by position: divergence, and perplexity of both sides.</summary>
internal static class ComparisonPlot
{
    private const string Position = "position in the text (tokens, logarithmic)";

    internal static Panel[] Panels(ComparisonReport report)
    {
        ComparisonResult result = report.Result;
        IReadOnlyList<(int Start, int Tokens)> bins = PositionBins.Over(result.Tokens);
        ChartMarker[] ends = [.. PerplexityPlot.WindowEnds([report.Reference.Plan, report.Model.Plan])];
        return
        [
            new LineChart
            {
                Title = "KL divergence of the next token by position",
                Subtitle = $"reference: {report.Reference}; model: {report.Model}; band: one standard error",
                XLabel = Position,
                YLabel = "KL(reference ‖ model) (nats per token)",
                LogX = true,
                YMinimum = 0,
                Series = [new ChartSeries("mean of the run", [.. bins.Select(bin => Mean(result.Divergences, bin))])],
                XMarkers = [.. ends],
            },
            new LineChart
            {
                Title = "Perplexity by position",
                XLabel = Position,
                YLabel = "perplexity of a token (logarithmic)",
                LogX = true,
                LogY = true,
                Series =
                [
                    Perplexities($"reference: {report.Reference}", result.ReferenceNll, bins),
                    Perplexities($"model: {report.Model}", result.ModelNll, bins),
                ],
                XMarkers = [.. ends],
            },
        ];
    }

    private static ChartPoint Mean(double[] values, (int Start, int Tokens) bin)
    {
        Distribution all = Distribution.Of(values.AsSpan(bin.Start, bin.Tokens));
        return new ChartPoint(PositionBins.Middle(bin), all.Mean, Math.Max(0, all.Mean - all.StandardError), all.Mean + all.StandardError);
    }

    private static ChartSeries Perplexities(string name, float[] nll, IReadOnlyList<(int Start, int Tokens)> bins) => new(
        name, [.. bins.Select(bin => new ChartPoint(
            PositionBins.Middle(bin), Math.Exp(nll.AsSpan(bin.Start, bin.Tokens).ToArray().Average(value => (double)value))))]);
}
