using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Evaluation;
using static System.FormattableString;

namespace AhnSharp.Cli.Reports;

/// <summary>The page of <c>ahn perplexity --against… --report</c>: two models, or two memories of one, token by token.</summary>
internal static class ComparisonPage
{
    internal static HtmlReport Of(ComparisonReport report, string text, int every)
    {
        ComparisonSummary all = report.Result.Summary;
        HtmlReport page = new(
            $"{report.Model} against {report.Reference}",
            string.Create(CultureInfo.InvariantCulture, $"Over {all.Tokens:N0} tokens of {text}, both hold the same next token for "
                + $"the most likely {100 * all.Agreement:N1} times in a hundred, and the model's perplexity is {all.PerplexityRatio:N3} "
                + $"times the reference's."));
        page.Draw(ComparisonPlot.Panels(report));
        page.Section("The numbers");
        page.Table(
            ["", "KL mean", "median", "99 %", "largest", "same most likely token", "perplexity", "the reference's", "ratio"],
            [Row("whole text", all), .. report.Result.ByPosition(every).Select(part =>
                Row(PerplexityReport.Positions(part.Start, part.Tokens), part))]);
        page.Section("What it means");
        page.Paragraph("At every token both give a probability to each word that could come next. The KL divergence (reference ‖ model, "
            + "nats per token) says how far these are apart: 0 is the same, and it has no upper end.");
        page.Paragraph("The same most likely token means that both, asked to write the surest word, would write the same one here.");
        page.Paragraph("Two readings of one text that are cut differently differ by rounding: with the demo model's "
            + "weights of 8 bits that is a mean divergence of about 0.001 and the same most likely token 98 times in a hundred. "
            + "As little as that is noise and no loss.");
        MemoryWords.Add(page, [report.Reference.Plan, report.Model.Plan], all.Tokens);
        return page;
    }

    private static IEnumerable<string> Row(string name, ComparisonSummary part) =>
    [
        name, .. new[] { part.Divergence.Mean, part.Divergence.Median, part.Divergence.Percent99, part.Divergence.Largest }
            .Select(ComparisonReport.Short),
        Invariant($"{100 * part.Agreement:N2} %"), Invariant($"{part.ModelPerplexity:N3}"), Invariant($"{part.ReferencePerplexity:N3}"),
        Invariant($"{part.PerplexityRatio:N4}"),
    ];
}
