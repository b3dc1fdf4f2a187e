using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Cli.Settings;

namespace AhnSharp.Cli.Chat;

/// <summary>The lines that were typed in conversations, kept across them in a file that nobody else may read.</summary>
/// <remarks>In ahn/history of XDG_STATE_HOME (~/.local/state); 'ahn config set history off' keeps none. A line end in it is \n.</remarks>
internal sealed class LineHistory
{
    private const int Kept = 1000;
    private readonly string? _path;
    private readonly List<string> _lines = [];

    /// <param name="path">The file; null: nothing is kept.</param>
    internal LineHistory(string? path)
    {
        _path = path;
        if (path is null || !File.Exists(path)) return;
        try
        {
            _lines = [.. File.ReadLines(path).TakeLast(Kept).Select(Unescaped)];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // A conversation goes on without it.
        }
    }

    internal IReadOnlyList<string> Lines => _lines;

    /// <summary>The folder of what conversations leave: history, and the last one.</summary>
    internal static string Folder { get; } = Path.Combine(OperatingSystem.IsWindows()
        ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : SettingsFile.UserFolder(Environment.GetEnvironmentVariable, "XDG_STATE_HOME", Path.Combine(".local", "state")), "ahn");

    /// <summary>The history of this person; one that keeps nothing where they said so.</summary>
    internal static LineHistory Here() =>
        new(UserSettings.Here.Value(SettingKey.History) == "off" ? null : Path.Combine(Folder, "history"));

    internal void Add(string line)
    {
        if (line.Trim().Length == 0 || (_lines.Count > 0 && _lines[^1] == line)) return;
        _lines.Add(line);
        if (_path is null) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            FileStreamOptions mine = new() { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
            if (!OperatingSystem.IsWindows()) mine.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using StreamWriter file = new(_path, mine);
            file.Write(Escaped(line) + "\n");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // A conversation goes on without it.
        }
    }

    private static string Escaped(string line) =>
        line.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Unescaped(string line) => string.Join('\\', line.Split("\\\\").Select(
        part => part.Replace("\\n", "\n", StringComparison.Ordinal)));
}
