using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;

// Of both programs: MODEL THREADS CONTEXT. Each line "TOKENS FILE" of the input is a text to read and go on from, and is answered by
// "tokens of the text, ms to the first piece, ms in all, pieces". AhnSharp.Bench asks both in turn.
using Job job = new(args[0], int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
while (Console.ReadLine() is { } line)
{
    string[] words = line.Split(' ', 2);
    string text = File.ReadAllText(words[1]);
    int pieces = 0;
    double first = 0;
    Stopwatch watch = Stopwatch.StartNew();
    await foreach (string piece in job.Answer(text, int.Parse(words[0], CultureInfo.InvariantCulture)))
    {
        if (pieces++ == 0) first = watch.Elapsed.TotalMilliseconds;
    }
    double all = watch.Elapsed.TotalMilliseconds;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{job.Tokens(text)} {first:F1} {all:F1} {pieces}"));
}
