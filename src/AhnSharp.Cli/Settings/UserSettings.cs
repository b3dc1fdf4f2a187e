using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Cli.Help;

namespace AhnSharp.Cli.Settings;

/// <summary>What a person has said once for all commands: the environment first, then the file.</summary>
internal sealed class UserSettings
{
    private static UserSettings? s_here;
    private readonly Func<string, string?> _variable;
    private readonly SettingsFile _file;

    internal UserSettings(Func<string, string?> variable)
    {
        _variable = variable;
        _file = SettingsFile.Read(SettingsFile.PathOf(variable));
    }

    /// <summary>Those of this process; read when they are first asked for.</summary>
    internal static UserSettings Here => s_here ??= new UserSettings(Environment.GetEnvironmentVariable);

    /// <summary>Where the file is, whether or not it exists.</summary>
    internal string Path => _file.Path;

    /// <summary>Sentences about lines of the file that mean nothing.</summary>
    internal IEnumerable<string> Problems =>
    [
        .. _file.Strays.Select(line => $"{Path}, line {line.Line}: expected 'key = value', found '{line.Text}'."),
        .. _file.Entries.Where(entry => SettingKey.TryOf(entry.Key) is null).Select(entry =>
            $"{Path}, line {entry.Line}: there is no setting '{entry.Key}'"
                + $"{Nearest.Hint(entry.Key, SettingKey.All.Select(key => key.Name))}; 'ahn config unset {entry.Key}' takes it away."),
    ];

    /// <summary>The short names of models, with their models and memories.</summary>
    internal IEnumerable<(string Name, string Model, string? Adapter)> Aliases =>
        from entry in _file.Entries
        where entry.Key.StartsWith(SettingKey.AliasPrefix, StringComparison.Ordinal)
            && !entry.Key.EndsWith(SettingKey.AdapterEnding, StringComparison.Ordinal)
        let name = entry.Key[SettingKey.AliasPrefix.Length..]
        group entry.Key by name into same
        let key = SettingKey.AliasPrefix + same.Key
        select (same.Key, _file.Value(key)!, _file.Value(key + SettingKey.AdapterEnding));

    /// <summary>Forgets what was read, because it has changed.</summary>
    internal static void Reload() => s_here = null;

    /// <summary>The value that counts, checked, and where it comes from; null where nothing is set.</summary>
    /// <exception cref="UsageException">It cannot be meant, or a line of the file means nothing.</exception>
    internal (string Value, string Source)? Find(SettingKey key)
    {
        if (key.Variable.Length > 0 && _variable(key.Variable)?.Trim() is { Length: > 0 } said)
            return key.Flaw(said) is { } flaw ? throw new UsageException($"{key.Variable}: {flaw}, found '{said}'.") : (said, key.Variable);
        if (Problems.FirstOrDefault() is { } problem) throw new UsageException(problem);
        if (_file.Value(key.Name) is not { } value) return null;
        return key.Flaw(value) is { } wrong
            ? throw new UsageException($"{Path}: {key.Name}: {wrong}, found '{value}'; 'ahn config set {key.Name} …' mends it.")
            : (value, Path);
    }

    internal string? Value(SettingKey key) => Find(key)?.Value;

    internal int? Whole(SettingKey key) => Value(key) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    internal float? Number(SettingKey key) => Value(key) is { } text ? float.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>The value of a key in the file alone.</summary>
    internal string? InFile(SettingKey key) => _file.Value(key.Name);

    /// <summary>Every key that the file sets, in its order.</summary>
    internal IEnumerable<string> KeysInFile => _file.Entries.Select(entry => entry.Key).Distinct();

    /// <summary>Model and memory behind a short name; null where it is none.</summary>
    internal (string Model, string? Adapter)? Alias(string name)
    {
        foreach ((string alias, string model, string? adapter) in Aliases)
        {
            if (alias == name) return (model, adapter);
        }
        return null;
    }
}
