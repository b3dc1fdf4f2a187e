using System.IO;

namespace AhnSharp.Cli.Settings;

/// <summary>The model that a command runs: what its line says, else AHN_MODEL, else the settings file, else the demo model.</summary>
/// <param name="Name">A file or OWNER/REPO:TYPE; null: the demo model.</param>
/// <param name="Adapter">Its memory in a file of its own; null: none.</param>
/// <param name="Option">What named the model, for sentences about it.</param>
internal sealed record ChosenModel(string? Name, string? Adapter, string Option)
{
    /// <summary>What takes a remembered memory away: --ahn none.</summary>
    internal const string NoAdapter = "none";

    /// <summary>Whether it is the built-in model, because nobody named another.</summary>
    internal bool IsDemo => Name is null;

    /// <param name="given">What the command's line says; null: nothing.</param>
    /// <param name="adapter">What its --ahn says; null: nothing.</param>
    /// <param name="option">Where the line says it.</param>
    /// <param name="settings">The person's own; null: they do not count.</param>
    internal static ChosenModel Of(string? given, string? adapter, string option, UserSettings? settings)
    {
        string? name = given, remembered = null;
        if (given is null && settings?.Find(SettingKey.Model) is { } set)
        {
            (name, option) = set;
            // The memory of the environment belongs to the model of the environment, that of the file to the file's.
            if (settings.Find(SettingKey.Adapter) is { } own && (own.Source == SettingKey.Adapter.Variable || own.Source == set.Source))
                remembered = own.Value;
        }
        if (name is not null && !File.Exists(name) && settings?.Alias(name) is { } alias)
            (name, remembered) = (alias.Model, remembered ?? alias.Adapter);
        string? chosen = adapter ?? remembered;
        return new ChosenModel(name, chosen is NoAdapter ? null : chosen, option);
    }
}
