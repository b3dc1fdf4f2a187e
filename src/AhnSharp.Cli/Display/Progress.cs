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
        NoteColumn note = new();
        return await Terminal.Errors.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 24 }, note)
            .StartAsync(bars => work(new Bar(bars.AddTask(Markup.Escape(title), maxValue: 1), note)));
    }

    private sealed class Silence : IProgress<(long Done, long Total, string Note)>
    {
        public void Report((long Done, long Total, string Note) value)
        {
        }
    }

    private sealed class Bar(ProgressTask task, NoteColumn note) : IProgress<(long Done, long Total, string Note)>
    {
        public void Report((long Done, long Total, string Note) value)
        {
            task.MaxValue = Math.Max(1, value.Total);
            task.Value = value.Done;
            note.Note = value.Note;
        }
    }

    private sealed class NoteColumn : ProgressColumn
    {
        // Written by the thread that computes, read by the one that draws.
        internal volatile string Note = "";

        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(Note, new Style(Color.Grey));
    }
}
