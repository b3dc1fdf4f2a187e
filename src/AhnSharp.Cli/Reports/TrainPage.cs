using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Cli.Train;
using AhnSharp.Plots;
using AhnSharp.Training;

namespace AhnSharp.Cli.Reports;

/// <summary>The page of <c>ahn train --report</c>: how near the memory came to full attention, step by step.</summary>
internal static class TrainPage
{
    /// <param name="model">The base's file name.</param>
    /// <param name="training">A run with at least one measurement.</param>
    internal static HtmlReport Of(string model, MemoryTraining training)
    {
        TrainingPoint best = training.BestPoint!.Value;
        HtmlReport page = new(
            $"A {training.Parameters.Rule} memory for {model}",
            string.Create(CultureInfo.InvariantCulture,
                $"On text it never saw, {model} with a window alone is {training.WindowKl:N3} nats a token "
                + $"away from itself with full attention; with the memory of step {best.Step:N0} it is {best.HeldOutKl:N3}: "
                + $"{100 * TrainResult.Regained(training):N0} % of what the window loses is made good."));
        page.Draw([Plot(training)]);
        page.Section("The numbers");
        page.Table(
            ["step", "KL, trained on", "KL, held out"],
            training.Points.Select(point => (IEnumerable<string>)
            [
                point.Step.ToString("N0", CultureInfo.InvariantCulture),
                double.IsNaN(point.TrainingKl) ? "–" : point.TrainingKl.ToString("N4", CultureInfo.InvariantCulture),
                point.HeldOutKl.ToString("N4", CultureInfo.InvariantCulture),
            ]));
        page.Section("What it means");
        page.Paragraph("The model with full attention teaches the same model with a window and a memory; nothing but the memory changes. "
            + "KL says how far apart their predictions are, averaged over the tokens behind the window: 0 would be no difference. What is "
            + "held out was never trained on; where its line rises while the other falls, the memory learns its texts by heart.");
        page.Paragraph("It measures likeness to full attention on texts of this kind. Whether single facts come back is another question: "
            + "'ahn recall' asks it.");
        return page;
    }

    private static LineChart Plot(MemoryTraining training) => new()
    {
        Title = "KL to full attention against steps",
        Subtitle = string.Create(CultureInfo.InvariantCulture,
            $"{training.Options.Steps:N0} steps of {training.Options.Batch} texts of {training.Options.Length:N0} tokens"),
        XLabel = "steps",
        YLabel = "KL (nats a token)",
        Series =
        [
            new ChartSeries("held out", [.. training.Points.Select(point => new ChartPoint(point.Step, point.HeldOutKl))], 0),
            new ChartSeries("trained on", [.. training.Points.Where(point => !double.IsNaN(point.TrainingKl))
                .Select(point => new ChartPoint(point.Step, point.TrainingKl))], 1),
        ],
        YMarkers = [new ChartMarker(training.WindowKl, "window alone")],
    };
}
