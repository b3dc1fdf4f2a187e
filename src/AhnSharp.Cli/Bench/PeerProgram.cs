using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>
/// Another program that prints llama-bench's JSON, run once for each measurement. No shell is between: words, quotes and
/// placeholders are all there is.
/// </summary>
internal sealed class PeerProgram
{
    private const int MaxSaid = 400;
    private static readonly string[] s_placeholders = ["{model}", "{threads}", "{prompt}", "{gen}", "{depth}"];
    private readonly string[] _words;

    /// <param name="template">The command with its placeholders.</param>
    internal PeerProgram(string template)
    {
        _words = [.. Words(template)];
        if (_words.Length == 0) throw new UsageException("--versus: expected a command, found nothing.");
        foreach (string needed in new[] { "{prompt}", "{gen}" })
        {
            if (!template.Contains(needed, StringComparison.Ordinal))
            {
                throw new UsageException($"--versus: expected a command with {string.Join(", ", s_placeholders)} (threads and depth where "
                    + $"they are varied, a file of its own instead of model), and {needed} is missing in '{template}'.");
            }
        }
        TakesModel = template.Contains("{model}", StringComparison.Ordinal);
        TakesDepth = template.Contains("{depth}", StringComparison.Ordinal);
        TakesThreads = template.Contains("{threads}", StringComparison.Ordinal);
    }

    /// <summary>Whether it opens our file; else it names one of its own, such as the same weights without a memory.</summary>
    internal bool TakesModel { get; }

    internal bool TakesDepth { get; }

    internal bool TakesThreads { get; }

    /// <summary>The words of the command for one test.</summary>
    internal string[] CommandFor(string model, int threads, SpeedTest test) =>
    [
        .. _words.Select(word => word
            .Replace("{model}", model, StringComparison.Ordinal)
            .Replace("{threads}", Number(threads), StringComparison.Ordinal)
            .Replace("{prompt}", Number(test.Prompt), StringComparison.Ordinal)
            .Replace("{gen}", Number(test.Generated), StringComparison.Ordinal)
            .Replace("{depth}", Number(test.Depth), StringComparison.Ordinal)),
    ];

    /// <summary>Runs the command to its end: tokens/s of the test.</summary>
    internal async Task<double> MeasureAsync(string model, int threads, SpeedTest test, CancellationToken cancellationToken)
    {
        string[] command = CommandFor(model, threads, test);
        ProcessStartInfo start = new(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
        };
        foreach (string word in command.Skip(1)) start.ArgumentList.Add(word);
        using Process process = Start(start);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken),
            errors = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        string said = Said(await errors, await output);
        if (process.ExitCode != 0)
        {
            string hint = TakesDepth ? " (Not every such program knows a depth.)" : "";
            throw new PeerException(
                $"--versus: '{string.Join(' ', command)}' ended with exit code {process.ExitCode} and said: {said}{hint}");
        }
        return PeerOutput.TokensPerSecond(await output, test, out string? problem)
            ?? throw new PeerException($"--versus: '{string.Join(' ', command)}' {problem}; it said: {said}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new PeerException($"--versus: {start.FileName} could not be started.");
        }
        catch (Win32Exception e)
        {
            throw new PeerException($"--versus: {start.FileName} could not be started: {e.Message}.");
        }
    }

    // The end is where a program says what went wrong.
    private static string Said(string errors, string output)
    {
        string all = string.Join(" / ", (errors.Trim().Length > 0 ? errors : output).Split(
            '\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return all.Length == 0 ? "nothing" : all.Length <= MaxSaid ? all : "…" + all[^MaxSaid..];
    }

    /// <summary>Words between white space; single or double quotes keep what is between them together.</summary>
    private static IEnumerable<string> Words(string template)
    {
        StringBuilder word = new();
        char quote = '\0';
        bool any = false;
        foreach (char c in template)
        {
            if (quote != '\0')
            {
                if (c == quote) quote = '\0';
                else word.Append(c);
            }
            else if (c is '"' or '\'')
            {
                (quote, any) = (c, true);
            }
            else if (char.IsWhiteSpace(c))
            {
                if (any || word.Length > 0) yield return word.ToString();
                word.Clear();
                any = false;
            }
            else
            {
                word.Append(c);
            }
        }
        if (quote != '\0') throw new UsageException($"--versus: the quote {quote} is not closed in '{template}'.");
        if (any || word.Length > 0) yield return word.ToString();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
