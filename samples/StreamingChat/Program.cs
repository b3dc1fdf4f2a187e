// StreamingChat MODEL [SECONDS]: a conversation, a line a turn, until the input ends. Ctrl-C ends an answer, not the program; with SECONDS
// no answer takes longer.
// A cancelled answer leaves the conversation as far as it got: the next turn goes on from there.
using System;
using System.Globalization;
using System.Threading;
using AhnSharp;

if (args is not ([string] or [string, string]))
{
    Console.Error.WriteLine("usage: StreamingChat MODEL.gguf [SECONDS]");
    return 2;
}
TimeSpan limit = args.Length > 1 ? TimeSpan.FromSeconds(double.Parse(args[1], CultureInfo.InvariantCulture)) : Timeout.InfiniteTimeSpan;

using TextModel model = TextModel.Load(args[0]);
using TextSession session = model.CreateSession();
CancellationTokenSource? answering = null;
Console.CancelKeyPress += (_, pressed) =>
{
    if (answering is not { } running) return; // nothing to end but the program
    pressed.Cancel = true;
    running.Cancel();
};

GenerationOptions options = new() { MaxTokens = 256, Sampling = new SamplingOptions { Temperature = 0.7f, TopP = 0.9f, Seed = 1 } };
while (Console.ReadLine() is { } line)
{
    if (line.Length == 0) continue;
    using CancellationTokenSource source = new(limit);
    answering = source;
    try
    {
        await foreach (string piece in session.AskAsync(line, options, null, source.Token)) Console.Write(piece);
    }
    catch (OperationCanceledException)
    {
        Console.Write(" (cancelled)");
    }
    finally
    {
        answering = null;
    }
    Console.WriteLine();
    if (session.Statistics is { } took) Console.Error.WriteLine($"{took.GeneratedTokens} tokens, {took.TokensPerSecond:f1} per second");
}
return 0;
