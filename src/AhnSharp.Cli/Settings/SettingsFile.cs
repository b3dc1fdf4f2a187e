using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Files;

namespace AhnSharp.Cli.Settings;

/// <summary>The settings file: a line 'key = value' each; lines that begin with # are a person's own.</summary>
/// <remarks>
/// AHN_CONFIG names it; else it is ahn/config in XDG_CONFIG_HOME, which is ~/.config where nothing else is said, and on Windows in the
/// user's application data. It is replaced whole or not at all, by one command at a time; comments and order stay.
/// </remarks>
internal sealed class SettingsFile
{
    internal const string Variable = "AHN_CONFIG";
    private const int MostBytes = 1 << 20;
    private readonly List<string> _lines;

    private SettingsFile(string path, List<string> lines) => (Path, _lines) = (path, lines);

    /// <summary>Where it is, whether or not it exists.</summary>
    internal string Path { get; }

    /// <summary>What is set, in the order of the file; of a key that stands twice the last counts.</summary>
    internal IEnumerable<(int Line, string Key, string Value)> Entries => _lines.Select((line, i) => (i, Pair: Parse(line)))
        .Where(entry => entry.Pair is not null).Select(entry => (entry.i + 1, entry.Pair!.Value.Key, entry.Pair.Value.Value));

    /// <summary>Lines that are neither a setting nor a comment, with their numbers.</summary>
    internal IEnumerable<(int Line, string Text)> Strays => _lines.Select((line, i) => (i + 1, line.Trim()))
        .Where(line => line.Item2.Length > 0 && line.Item2[0] != '#' && Parse(line.Item2) is null);

    /// <summary>Where the file is by the environment.</summary>
    internal static string PathOf(Func<string, string?> variable)
    {
        if (variable(Variable)?.Trim() is { Length: > 0 } named) return System.IO.Path.GetFullPath(named);
        string folder = OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData)
            : UserFolder(variable, "XDG_CONFIG_HOME", ".config");
        return System.IO.Path.Combine(folder, "ahn", "config");
    }

    /// <summary>A folder of the user's by the XDG rules: the variable where it names a rooted one, else that below the home.</summary>
    internal static string UserFolder(Func<string, string?> variable, string name, string below) =>
        variable(name) is { Length: > 0 } folder && System.IO.Path.IsPathRooted(folder)
            ? folder
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), below);

    /// <summary>Reads it; a file that does not exist is empty.</summary>
    internal static SettingsFile Read(string path)
    {
        if (!File.Exists(path)) return new SettingsFile(path, []);
        if (new FileInfo(path).Length > MostBytes)
            throw new InvalidDataException($"{path}: expected settings of at most 1 MiB, found more; {Variable} names another file.");
        return new SettingsFile(path, [.. File.ReadAllLines(path)]);
    }

    internal string? Value(string key) => Entries.LastOrDefault(entry => entry.Key == key).Value;

    /// <summary>Changes several keys at once and writes the file; null takes a key away.</summary>
    internal static void Change(string path, params (string Key, string? Value)[] changes)
    {
        string target = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        using FileLock alone = FileLock.TryTake(target)
            ?? throw new IOException($"{path}: another command is changing it just now; try again.");
        SettingsFile file = Read(target);
        foreach ((string key, string? value) in changes) file.Set(key, value);
        file.Write();
    }

    private void Set(string key, string? value)
    {
        int last = _lines.FindLastIndex(line => Parse(line)?.Key == key);
        if (value is not null && last >= 0) _lines[last] = $"{key} = {value}";
        else if (value is not null) _lines.Add($"{key} = {value}");
        for (int i = _lines.Count - 1; i >= 0; i--)
        {
            if (Parse(_lines[i])?.Key == key && (value is null || i < last)) _lines.RemoveAt(i);
        }
    }

    private void Write()
    {
        try
        {
            using PartialFile file = new(Path);
            file.Write(Encoding.UTF8.GetBytes(string.Concat(_lines.Select(line => line + "\n"))));
        }
        catch (IOException refused) when (refused.InnerException is UnauthorizedAccessException)
        {
            throw new IOException($"{Path}: expected a file that may be written, found none; {Variable} names another.", refused);
        }
    }

    private static (string Key, string Value)? Parse(string line)
    {
        string text = line.Trim();
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (text.Length == 0 || text[0] == '#' || equals < 1) return null;
        return (text[..equals].Trim(), text[(equals + 1)..].Trim());
    }
}
