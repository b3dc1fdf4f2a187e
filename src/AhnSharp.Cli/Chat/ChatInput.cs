using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;

namespace AhnSharp.Cli.Chat;

/// <summary>Where the turns of a conversation come from: an editor in a terminal, lines of a pipe elsewhere.</summary>
internal sealed class ChatInput(IReadOnlyList<string> commands)
{
    private const string Prompt = "> ", Block = "\"\"\"";
    private readonly LineHistory? _history = IsEdited ? LineHistory.Here() : null;
    private volatile LineEditor? _editor;

    /// <summary>Whether somebody types, and sees what.</summary>
    private static bool IsEdited => !Console.IsInputRedirected && !Console.IsErrorRedirected
        && Terminal.Errors.Profile.Capabilities.Ansi && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>The next turn or command; null at the end. Lines between two """ are one.</summary>
    internal async Task<string?> ReadAsync(CancellationToken leaving)
    {
        string? line = await ReadLineAsync(leaving);
        if (line?.TrimStart().StartsWith(Block, StringComparison.Ordinal) != true) return line;
        StringBuilder text = new(line.TrimStart()[Block.Length..]);
        while (!text.ToString().TrimEnd().EndsWith(Block, StringComparison.Ordinal))
        {
            if (await ReadLineAsync(leaving) is not { } next) return text.ToString();
            text.Append('\n').Append(next);
        }
        return text.ToString().TrimEnd()[..^Block.Length].Trim('\n');
    }

    /// <summary>Lets somebody else print below what is typed.</summary>
    internal void Leave() => _editor?.Leave();

    /// <summary>Begins the line anew below what was printed.</summary>
    internal void Restart() => _editor?.Restart();

    private async Task<string?> ReadLineAsync(CancellationToken leaving)
    {
        if (!IsEdited)
        {
            if (!Console.IsInputRedirected) Terminal.Prompt(Prompt);
            // Reading a line cannot be cancelled: leave without it.
            return await Task.Run(Console.ReadLine, CancellationToken.None).WaitAsync(leaving);
        }
        _editor = new LineEditor(Terminal.Screen, Prompt, static () => (Terminal.Errors.Profile.Width, Terminal.Errors.Profile.Height),
            static () => Console.ReadKey(intercept: true), _history!.Lines, Complete);
        try
        {
            string? line = await Task.Run(_editor.ReadLine, CancellationToken.None).WaitAsync(leaving);
            if (line is not null) _history.Add(line);
            return line;
        }
        finally
        {
            _editor?.Release();
            _editor = null;
        }
    }

    // Commands, and behind those that take one, files.
    private IReadOnlyList<string> Complete(string line)
    {
        if (!line.StartsWith('/')) return [];
        int blank = line.IndexOf(' ', StringComparison.Ordinal);
        if (blank < 0) return [.. commands.Where(command => command.StartsWith(line, StringComparison.Ordinal))];
        string command = line[..(blank + 1)], path = line[(blank + 1)..];
        if (command is not ("/file " or "/save ")) return [];
        try
        {
            string folder = Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
            string name = Path.GetFileName(path), before = path[..^name.Length];
            return [.. Directory.EnumerateFileSystemEntries(folder, name.Length > 0 ? $"{name}*" : "*").Order(StringComparer.Ordinal)
                .Select(found => $"{command}{before}{Path.GetFileName(found)}{(Directory.Exists(found) ? "/" : "")}")];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}
