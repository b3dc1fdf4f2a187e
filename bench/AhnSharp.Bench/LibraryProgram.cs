using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace AhnSharp.Bench;

/// <summary>A program under bench/LLamaSharp: published once, started once a model, asked line by line.</summary>
internal sealed class LibraryProgram : IDisposable
{
    private readonly Process _process;
    private string _error = ""; // the last line of what it told

    private LibraryProgram(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, told) => _error = string.IsNullOrWhiteSpace(told.Data) ? _error : told.Data;
        process.BeginErrorReadLine();
    }

    /// <summary>Publishes it as an application that needs an installed runtime, for this machine's kind.</summary>
    public static void Publish(string project, string folder)
    {
        string[] words =
        [
            "publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "--no-self-contained", "-o", folder,
            "--nologo", "-v", "quiet", "-p:RunAnalyzers=false",
        ];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", words))!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'dotnet {string.Join(' ', words)}' ended with {process.ExitCode}.");
    }

    /// <summary>Of everything in the published folder but what is for debuggers and editors.</summary>
    public static long Bytes(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => file.Extension is not (".pdb" or ".xml")).Sum(file => file.Length);

    /// <summary>Lines of a file that say something: neither empty, nor a brace, nor a comment, nor a using.</summary>
    public static int Lines(string path) => File.ReadLines(path).Select(line => line.Trim())
        .Count(line => line.Length > 0 && line is not ("{" or "}") && !line.StartsWith("//", StringComparison.Ordinal)
            && !(line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=', StringComparison.Ordinal)));

    public static LibraryProgram Start(string assembly, string model, int threads, int context)
    {
        ProcessStartInfo start = new("dotnet", ["exec", assembly, model, $"{threads}", $"{context}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true, // llama.cpp tells what it loads
        };
        return new LibraryProgram(Process.Start(start)!);
    }

    public LibraryRun Ask(string file, int tokens)
    {
        double[] found = Ask($"{tokens} {file}");
        // A token in the middle of a character gives no piece of its own; an answer that ended early gives far fewer.
        if (found[3] * 2 < tokens) throw new InvalidOperationException($"Expected an answer of {tokens} tokens, found {found[3]} pieces.");
        return new LibraryRun((int)found[0], found[1], (tokens - 1) * 1000 / (found[2] - found[1]));
    }

    /// <summary>The numbers of its answer to a line.</summary>
    public double[] Ask(string question)
    {
        string? line = null;
        try
        {
            _process.StandardInput.WriteLine(question);
            line = _process.StandardOutput.ReadLine();
        }
        catch (IOException)
        {
            // It ended, and says below why.
        }
        if (line is null)
        {
            _process.WaitForExit();
            throw new InvalidOperationException($"{_process.StartInfo.ArgumentList[1]} ended before it answered: {_error}");
        }
        return [.. line.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(10_000)) _process.Kill();
        _process.Dispose();
    }
}

/// <summary>One text read and gone on from.</summary>
internal readonly record struct LibraryRun(int TextTokens, double FirstMilliseconds, double TokensPerSecond);
