using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Evaluation;
using AhnSharp.Plots;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Cli.Display;

/// <summary>Recall of codes against distance, one line a memory, over the same chats.</summary>
internal sealed class RecallPlot
{
    private const int Facts = 4, Shortest = 1024, Most = 8;
    private readonly List<RecallDialogue> _dialogues;
    private readonly List<(SessionPlan Plan, RecallDistances Distances, RecallTotals Totals, double Seconds)> _readings = [];

    internal RecallPlot(IEnumerable<RecallDialogue> dialogues) => _dialogues = [.. dialogues];

    /// <summary>Digits by the length of their chats, of every memory that has read.</summary>
    internal IEnumerable<(SessionPlan Plan, RecallTotals Totals, double Seconds)> Totals =>
        _readings.Select(reading => (reading.Plan, reading.Totals, reading.Seconds));

    /// <summary>The drawing, once every memory has read.</summary>
    internal IEnumerable<Panel> Panels => [new LineChart
    {
        Title = "Recall of codes by distance",
        Subtitle = string.Create(
            CultureInfo.InvariantCulture, $"{_dialogues.Count:N0} {(_dialogues.Count == 1 ? "chat" : "chats")} of {Lengths} tokens, "
                + $"{_dialogues.Sum(dialogue => dialogue.Chat.AnswerPositions.Length):N0} digits, greedy, right answers in place; "
                + $"band: one standard error"),
        XLabel = "tokens since the sentence with the code (logarithmic)",
        YLabel = "digits right (%)",
        LogX = true,
        YMinimum = 0,
        YMaximum = 100,
        Series = [.. _readings.Select(reading => new ChartSeries(
            MemoryName.Of(reading.Plan), [.. reading.Distances.ByDistance.Select(Point)], PerplexityPlot.StyleOf(reading.Plan)))],
        XMarkers = [.. _readings.Where(reading => reading.Plan.Mode != MemoryMode.Full).Select(reading => reading.Plan.Window).Distinct()
            .Select(window => new ChartMarker(window, string.Create(CultureInfo.InvariantCulture, $"window ends (W = {window:N0})")))],
        YMarkers = [new ChartMarker(10, "chance")],
    }];

    private string Lengths =>
        (_dialogues.Min(dialogue => dialogue.Chat.Length), _dialogues.Max(dialogue => dialogue.Chat.Length)) is var (shortest, longest)
        && shortest == longest
        ? longest.ToString("N0", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{shortest:N0} to {longest:N0}");

    /// <summary>
    /// Chats of 1,024 tokens up to about <paramref name="tokens"/>, each length twice the one before: more of the short ones, so that
    /// every distance has its digits.
    /// </summary>
    /// <returns>null, with a note, where the text is too short for one.</returns>
    internal static RecallPlot? Of(QwenTokenizer tokenizer, string text, int tokens)
    {
        RecallChatMaker maker = new(tokenizer, text);
        var dialogues = new List<RecallDialogue>();
        ulong seed = 1;
        for (int length = Shortest,
            chats = Most; length <= tokens; length *= 2, chats = Math.Max(2, length > 4 * Shortest ? chats / 2 : chats))
        {
            for (int i = 0; i < chats; i++) dialogues.Add(maker.Make(length, Facts, seed++));
        }
        if (dialogues.Count > 0) return new RecallPlot(dialogues);
        Terminal.Note($"Recall is drawn from chats of at least {Shortest} tokens, and the text has {tokens}: left out.");
        return null;
    }

    /// <summary>Reads all chats in one memory.</summary>
    internal async Task ReadAsync(LanguageModel model, SessionOptions options, CancellationToken cancellationToken)
    {
        RecallDistances distances = new();
        RecallTotals totals = new();
        long started = Stopwatch.GetTimestamp();
        int total = _dialogues.Sum(dialogue => dialogue.Chat.Length);
        await Progress.ShowAsync($"recall, {MemoryName.Of(options.Mode!.Value)}", bar => Task.Run(
            () =>
            {
                CountBar count = new(bar, "tokens", total);
                int read = 0;
                foreach (RecallDialogue dialogue in _dialogues)
                {
                    totals.Add(dialogue.Chat, distances.Read(model, dialogue, options, cancellationToken));
                    count.Report(read += dialogue.Chat.Length);
                }
                return true;
            },
            cancellationToken));
        _readings.Add((model.Plan(options), distances, totals, Stopwatch.GetElapsedTime(started).TotalSeconds));
    }

    private static ChartPoint Point(RecallAtDistance at)
    {
        double share = at.Total.Share, error = Math.Sqrt(share * (1 - share) / at.Total.Digits);
        return new ChartPoint(at.MeanDistance, 100 * share, 100 * Math.Max(0, share - error), 100 * Math.Min(1, share + error));
    }
}
