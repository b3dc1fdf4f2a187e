using System;
using System.Collections.Concurrent;
using System.Threading.Tasks;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AhnSharp.Cli.Display;

/// <summary>A bar on standard error while something long runs; nothing at all where standard error is no terminal.</summary>
internal static class Progress
{
    /// <summary>Runs <paramref name="work"/>, which reports (done, of all, what to print beside the bar).</summary>
    internal static Task<T> ShowAsync<T>(string title, Func<IProgress<(long Done, long Total, string Note)>, Task<T>> work) =>
        ShowManyAsync(add => work(add(title)));

    /// <summary>Runs <paramref name="work"/>, which adds a bar for each of several things that go on at once.</summary>
    internal static async Task<T> ShowManyAsync<T>(Func<Func<string, IProgress<(long Done, long Total, string Note)>>, Task<T>> work)
    {
        if (!Terminal.DrawsProgress) return await work(static _ => new Silence());
        ConcurrentDictionary<int, Bar> bars = [];
        return await Terminal.Errors.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(new LineColumn(bars))
            .StartAsync(context => work(title =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(TerminalText.Line(title)), maxValue: 1);
                return bars[task.Id] = new Bar(task, title);
            }));
    }

    private sealed class Silence : IProgress<(long Done, long Total, string Note)>
    {
        public void Report((long Done, long Total, string Note) value)
        {
        }
    }

    private sealed class Bar(ProgressTask task, string title) : IProgress<(long Done, long Total, string Note)>
    {
        // Written by the thread that computes, read by the one that draws.
        internal volatile string Note = "";

        internal string Title { get; } = TerminalText.Line(title);

        public void Report((long Done, long Total, string Note) value)
        {
            task.MaxValue = Math.Max(1, value.Total);
            task.Value = value.Done;
            Note = TerminalText.Line(value.Note);
        }
    }

    // Title, bar and note in one column: separate ones would break into several lines where the terminal is narrow.
    private sealed class LineColumn(ConcurrentDictionary<int, Bar> bars) : ProgressColumn
    {
        private const int ShortestBar = 8, LongestBar = 24;

        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            // The first drawing may come between the adding of a task and of its bar.
            if (!bars.TryGetValue(task.Id, out Bar? bar)) return Text.Empty;
            string title = bar.Title, note = bar.Note;
            int width = options.ConsoleSize.Width - 1, cells = Math.Clamp(width - title.Length - note.Length - 2, ShortestBar, LongestBar);
            int filled = (int)(cells * Math.Clamp(task.Value / task.MaxValue, 0, 1)), left = width - title.Length - cells - 2;
            string fitting = note.Length <= left ? note : left > 1 ? note[..(left - 1)] + "…" : "";
            return new Paragraph($"{title} ")
                .Append(new string('━', filled), new Style(Color.Green))
                .Append(new string('━', cells - filled), new Style(Color.Grey23))
                .Append($" {fitting}", new Style(Color.Grey));
        }
    }
}
