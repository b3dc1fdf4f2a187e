using System;
using System.Threading.Tasks;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AhnSharp.Cli.Display;

/// <summary>A bar on standard error while something long runs; nothing at all where standard error is no terminal.</summary>
internal static class Progress
{
    /// <summary>Runs <paramref name="work"/>, which reports (done, of all, what to print beside the bar).</summary>
    internal static async Task<T> ShowAsync<T>(string title, Func<IProgress<(long Done, long Total, string Note)>, Task<T>> work)
    {
        if (!Terminal.DrawsProgress) return await work(new Silence());
        LineColumn line = new(title);
        return await Terminal.Errors.Progress()
            .AutoClear(true)
            .Columns(line)
            .StartAsync(bars => work(new Bar(bars.AddTask(Markup.Escape(title), maxValue: 1), line)));
    }

    private sealed class Silence : IProgress<(long Done, long Total, string Note)>
    {
        public void Report((long Done, long Total, string Note) value)
        {
        }
    }

    private sealed class Bar(ProgressTask task, LineColumn line) : IProgress<(long Done, long Total, string Note)>
    {
        public void Report((long Done, long Total, string Note) value)
        {
            task.MaxValue = Math.Max(1, value.Total);
            task.Value = value.Done;
            line.Note = value.Note;
        }
    }

    // Title, bar and note in one column: separate ones would break into several lines where the terminal is narrow.
    private sealed class LineColumn(string title) : ProgressColumn
    {
        private const int ShortestBar = 8, LongestBar = 24;

        // Written by the thread that computes, read by the one that draws.
        internal volatile string Note = "";

        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            int width = options.ConsoleSize.Width - 1, cells = Math.Clamp(width - title.Length - Note.Length - 2, ShortestBar, LongestBar);
            int filled = (int)(cells * Math.Clamp(task.Value / task.MaxValue, 0, 1)), left = width - title.Length - cells - 2;
            string note = Note.Length <= left ? Note : left > 1 ? Note[..(left - 1)] + "…" : "";
            return new Paragraph($"{title} ")
                .Append(new string('━', filled), new Style(Color.Green))
                .Append(new string('━', cells - filled), new Style(Color.Grey23))
                .Append($" {note}", new Style(Color.Grey));
        }
    }
}
