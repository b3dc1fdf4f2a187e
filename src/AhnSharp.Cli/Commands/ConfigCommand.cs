using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Settings;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn config</c>: what a person has said once for all commands, where it comes from, and where the file is.</summary>
internal static class ConfigCommand
{
    private static readonly Argument<string> Key = new("key") { Description = "A setting, as 'ahn config' lists them, or alias.NAME." };
    private static readonly Argument<string> Value = new("value") { Description = "Its value." };
    private static readonly Option<bool> Json = JsonOption.Create();

    public static Command Create()
    {
        Command list = new("list", "Shows every setting, its value and where it comes from.") { Json };
        list.SetAction(List);
        Command get = new("get", "Prints the value of a setting that counts; exit code 1 where it has none.") { Key };
        get.SetAction(Get);
        Command set = new("set", "Writes a setting to the file.") { Key, Value };
        set.SetAction(Set);
        Command unset = new("unset", "Takes a setting out of the file.") { Key };
        unset.SetAction(Unset);
        Command path = new("path", "Prints where the file is.");
        path.SetAction(static _ =>
        {
            Terminal.PrintPath(UserSettings.Here.Path);
            return AhnCommand.Done;
        });
        Command command = new("config", "Shows and changes what all commands take where their line says nothing.")
        {
            list, get, set, unset, path, Json,
        };
        command.SetAction(List);
        return command;
    }

    private static int List(ParseResult parsed)
    {
        UserSettings settings = UserSettings.Here;
        if (parsed.GetValue(Json))
        {
            Terminal.PrintJson(json => Write(json, settings));
            return AhnCommand.Done;
        }
        Terminal.Print($"Settings file: {settings.Path}{(File.Exists(settings.Path) ? "" : " (not there yet)")}");
        Terminal.Print("What a command's line says comes first, then the environment, then this file.");
        Terminal.Print();
        Columns columns = new("setting", "value", "from", "environment", "what it does");
        foreach (SettingKey key in SettingKey.All)
        {
            (string? value, string source) = Counting(settings, key);
            columns.Add(key.Name, value ?? "-", source, key.Variable, key.Meaning);
        }
        foreach ((string name, string model, string? adapter) in settings.Aliases)
        {
            string both = adapter is null ? model : $"{model} with {adapter}";
            columns.Add(SettingKey.AliasPrefix + name, both, "file", "", "a short name of a model");
        }
        columns.Print();
        foreach (string problem in settings.Problems) Terminal.Warn(problem);
        return AhnCommand.Done;
    }

    private static int Get(ParseResult parsed)
    {
        SettingKey key = SettingKey.Of(parsed.GetValue(Key)!);
        if (UserSettings.Here.Value(key) is not { } value)
        {
            Terminal.Note($"{key.Name} is not set.");
            return AhnCommand.Failed;
        }
        Terminal.Print(value);
        return AhnCommand.Done;
    }

    private static int Set(ParseResult parsed)
    {
        SettingKey key = SettingKey.Of(parsed.GetValue(Key)!);
        string value = parsed.GetValue(Value)!.Trim();
        if (value.Contains('\n', StringComparison.Ordinal) || value.Contains('\r', StringComparison.Ordinal))
            throw new UsageException($"{key.Name}: expected a value of one line, found several.");
        if (key.Flaw(value) is { } flaw) throw new UsageException($"{key.Name}: {flaw}, found '{value}'.");
        SettingsFile.Change(UserSettings.Here.Path, (key.Name, value));
        Terminal.Note($"{key.Name} = {value}, in {UserSettings.Here.Path}{Shadow(key)}");
        return AhnCommand.Done;
    }

    private static int Unset(ParseResult parsed)
    {
        string name = parsed.GetValue(Key)!;
        // A key that means nothing may stand in the file, and is taken away like any other.
        bool isThere = UserSettings.Here.KeysInFile.Contains(name);
        SettingKey key = isThere ? SettingKey.TryOf(name) ?? new SettingKey(name, "", "", static _ => null) : SettingKey.Of(name);
        if (isThere) SettingsFile.Change(UserSettings.Here.Path, (name, null));
        Terminal.Note(isThere ? $"{name} is no longer set{Shadow(key)}" : $"{name} was not set in {UserSettings.Here.Path}.");
        return AhnCommand.Done;
    }

    private static string Shadow(SettingKey key) =>
        key.Variable.Length > 0 && Environment.GetEnvironmentVariable(key.Variable)?.Trim() is { Length: > 0 } said
            ? $"; {key.Variable} says '{said}', which comes first." : ".";

    private static (string? Value, string Source) Counting(UserSettings settings, SettingKey key)
    {
        try
        {
            return settings.Find(key) is { } found
                ? (found.Value, found.Source == key.Variable ? "environment" : "file") : (null, "");
        }
        catch (UsageException wrong)
        {
            Terminal.Warn(wrong.Message);
            return (settings.InFile(key), "file, wrong");
        }
    }

    private static void Write(Utf8JsonWriter json, UserSettings settings)
    {
        json.WriteString("file", settings.Path);
        json.WriteStartArray("settings");
        foreach (SettingKey key in SettingKey.All)
        {
            (string? value, string source) = Counting(settings, key);
            json.WriteStartObject();
            json.WriteString("key", key.Name);
            json.WriteString("variable", key.Variable);
            if (value is not null)
            {
                json.WriteString("value", value);
                json.WriteString("from", source);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("aliases");
        foreach ((string name, string model, string? adapter) in settings.Aliases)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("model", model);
            if (adapter is not null) json.WriteString("adapter", adapter);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("problems");
        foreach (string problem in settings.Problems) json.WriteStringValue(problem);
        json.WriteEndArray();
    }
}
