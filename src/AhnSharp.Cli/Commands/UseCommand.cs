using System.CommandLine;
using System.IO;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Settings;
using AhnSharp.Gguf;
using AhnSharp.Planning;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn use</c>: shows or sets the model that commands run where none is named.</summary>
internal static class UseCommand
{
    private static readonly Argument<string?> Model = new("model")
    {
        Description = "A GGUF file, OWNER/REPO:TYPE as 'ahn pull' fetched it, or a short name. Without one, shows what is set.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Ahn = Choice.Text(
        "--ahn", "The adapter with the model's memory, kept with it: a GGUF file or OWNER/REPO:TYPE.", "FILE");
    private static readonly Option<string?> As = Choice.Text(
        "--as", "A short name for the model and its memory, for --model and in place of a model's name.", "NAME");
    private static readonly Option<bool> None = Choice.Switch("--none", "Sets no model: commands run the built-in demo model again.");
    private static readonly Option<bool> Json = JsonOption.Create();

    public static Command Create()
    {
        ModelOptionGroup.CompleteNames(Model);
        Command command = new("use", "Shows or sets the model that commands run where none is named.") { Model, Ahn, As, None, Json };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string? named = parsed.GetValue(Model), alias = parsed.GetValue(As);
        if (parsed.GetValue(None))
        {
            if (named is not null) throw new UsageException("--none sets no model: leave the model's name out, or --none.");
            SettingsFile.Change(UserSettings.Here.Path, (SettingKey.Model.Name, null), (SettingKey.Adapter.Name, null));
        }
        else if (named is not null)
        {
            if (alias is not null && SettingKey.AliasFlaw(alias) is { } flaw) throw new UsageException($"--as: {flaw}, found '{alias}'.");
            Set(named, parsed.GetValue(Ahn), alias);
        }
        else if (parsed.GetValue(Ahn) is not null || alias is not null)
        {
            throw new UsageException("ahn use needs a model beside --ahn and --as: ahn use MODEL --ahn ADAPTER.");
        }
        UserSettings.Reload();
        Show(parsed.GetValue(Json));
        return AhnCommand.Done;
    }

    // What is kept works from every folder, and has been looked at.
    private static void Set(string named, string? adapter, string? alias)
    {
        ChosenModel chosen = ChosenModel.Of(named, adapter, "model", UserSettings.Here);
        string path = ModelFile.Resolve("model", chosen.Name!);
        string? ahnPath = chosen.Adapter is null ? null : ModelFile.Resolve("--ahn", chosen.Adapter);
        using (GgufFile file = GgufFile.Open(path))
        {
            if (file.Metadata.GetStringOrNull("general.type") == "adapter")
            {
                throw new UsageException($"{named} is an adapter, the memory of a model: name its base model, and this file with --ahn.");
            }
        }
        ModelPlan.Read(path, ahnPath);
        string model = Lasting(chosen.Name!);
        string? memory = chosen.Adapter is null ? null : Lasting(chosen.Adapter);
        bool isAlias = !File.Exists(named) && UserSettings.Here.Alias(named) is not null;
        if (alias is not null)
        {
            string key = SettingKey.AliasPrefix + alias;
            SettingsFile.Change(
                UserSettings.Here.Path, (key, model), (key + SettingKey.AdapterEnding, memory), (SettingKey.Model.Name, alias),
                (SettingKey.Adapter.Name, null));
        }
        else if (isAlias)
        {
            (string, string?)[] remembered = adapter is null ? [] : [(SettingKey.AliasPrefix + named + SettingKey.AdapterEnding, memory)];
            SettingsFile.Change(
                UserSettings.Here.Path, [(SettingKey.Model.Name, named), (SettingKey.Adapter.Name, null), .. remembered]);
        }
        else
        {
            SettingsFile.Change(UserSettings.Here.Path, (SettingKey.Model.Name, model), (SettingKey.Adapter.Name, memory));
        }
    }

    private static string Lasting(string name) => File.Exists(name) ? Path.GetFullPath(name) : name;

    private static void Show(bool asJson)
    {
        ChosenModel chosen = ChosenModel.Of(null, null, "model", UserSettings.Here);
        if (asJson)
        {
            Terminal.PrintJson(json =>
            {
                json.WriteString("model", chosen.Name ?? DemoModel.Path);
                if (chosen.Adapter is not null) json.WriteString("adapter", chosen.Adapter);
                json.WriteBoolean("is_demo", chosen.IsDemo);
                if (!chosen.IsDemo) json.WriteString("from", chosen.Option);
            });
        }
        else if (chosen.IsDemo)
        {
            Terminal.Print("No model is set: commands run the built-in demo model, which knows nothing. 'ahn use MODEL' sets one.");
        }
        else
        {
            Terminal.Print($"{chosen.Name}{(chosen.Adapter is null ? "" : $" with the memory {chosen.Adapter}")} (set by {chosen.Option})");
        }
    }
}
