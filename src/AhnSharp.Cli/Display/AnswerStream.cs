using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Cli.Display;

/// <summary>Shows an answer as it comes: a bar while its prompt is read, then its pieces.</summary>
internal static class AnswerStream
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs to the end, or until the answer goes round in a circle, and returns the whole text.</summary>
    /// <param name="ask">Starts the answer, given who is told of the reading.</param>
    /// <param name="print">Whether the pieces go to standard output.</param>
    /// <param name="told">Told of each piece.</param>
    /// <param name="guard">Stops an answer that goes round; null: nothing does.</param>
    internal static async Task<AnswerText> ShowAsync(
        Func<IProgress<ReadingProgress>, IAsyncEnumerable<string>> ask, bool print, RepetitionGuard? guard = null,
        Action<string>? told = null)
    {
        AnswerPrinter? printer = print ? Terminal.NewAnswer() : null;
        StringBuilder answer = new();
        IAsyncEnumerator<string>? pieces = null;
        // Also while a long prompt is read, of which nothing is printed.
        using Timer? watch = print ? new Timer(static _ => EndWithoutReader(), null, s_look, s_look) : null;
        try
        {
            // The first piece comes when the prompt has been read.
            bool more = await Progress.ShowAsync(
                "reading", async bar => await (pieces = ask(new ReadingBar(bar)).GetAsyncEnumerator()).MoveNextAsync());
            for (; more; more = await pieces!.MoveNextAsync())
            {
                if (print) Terminal.PrintAnswer(printer, pieces!.Current);
                told?.Invoke(pieces!.Current);
                answer.Append(pieces!.Current);
                if (guard?.Goes(pieces!.Current) == true) break;
            }
            return new AnswerText(answer.ToString(), guard?.Repeated);
        }
        finally
        {
            if (pieces is not null) await pieces.DisposeAsync();
            printer?.End();
            if (print && answer.Length > 0 && answer[^1] != '\n') Terminal.Print();
        }
    }

    private static void EndWithoutReader()
    {
        if (StandardStreams.HasReaderLeft()) CtrlC.Leave(AhnCommand.ReaderLeft);
    }
}
