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

    /// <summary>Runs to the end and returns the whole text.</summary>
    /// <param name="ask">Starts the answer, given who is told of the reading.</param>
    /// <param name="print">Whether the pieces go to standard output.</param>
    internal static async Task<string> ShowAsync(Func<IProgress<ReadingProgress>, IAsyncEnumerable<string>> ask, bool print)
    {
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
                if (print) Terminal.PrintAnswer(pieces!.Current);
                answer.Append(pieces!.Current);
            }
            return answer.ToString();
        }
        finally
        {
            if (pieces is not null) await pieces.DisposeAsync();
            if (print && answer.Length > 0 && answer[^1] != '\n') Terminal.Print();
        }
    }

    private static void EndWithoutReader()
    {
        if (StandardStreams.HasReaderLeft()) CtrlC.Leave(AhnCommand.ReaderLeft);
    }
}
