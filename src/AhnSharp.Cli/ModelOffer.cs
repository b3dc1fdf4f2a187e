using System;
using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Commands;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Settings;
using AhnSharp.Hub;
using AhnSharp.Machine;

namespace AhnSharp.Cli;

/// <summary>Offers a person at a terminal a model that answers, where none is named or set; nothing is fetched without a yes.</summary>
internal static class ModelOffer
{
    /// <summary>Offers one, fetches it and sets it, where that is wanted; else does nothing.</summary>
    /// <param name="options">The command's options, which may name a model.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="asJson">Whether a program reads the answer.</param>
    /// <param name="cancellationToken">Ends the fetching.</param>
    /// <param name="goesOn">Whether the command goes on with a session, whose model is known.</param>
    internal static async Task MakeAsync(
        ModelOptionGroup options, ParseResult parsed, bool asJson, CancellationToken cancellationToken, bool goesOn = false)
    {
        if (goesOn || asJson || !Terminal.IsInteractive || !options.Chosen(parsed).IsDemo) return;
        if (UserSettings.Here.Value(SettingKey.Offer) == "off" || HubSettings.FromEnvironment().Offline) return;
        long free = MachineMemory.Read().AvailableBytes;
        if (KnownModel.For(free) is not { } model) return;
        Terminal.Note(Question(model, free));
        Terminal.Prompt("Fetch it, and use it from now on? [y]es, [N]o, ne[v]er ask: ");
        string answer = (await Task.Run(Console.ReadLine, CancellationToken.None).WaitAsync(cancellationToken))?.Trim() ?? "";
        switch (Meaning(answer))
        {
            case true:
                await PullCommand.FetchAsync(model.Reference, cancellationToken);
                SettingsFile.Change(UserSettings.Here.Path, (SettingKey.Model.Name, model.Reference), (SettingKey.Adapter.Name, null));
                UserSettings.Reload();
                break;
            case null:
                SettingsFile.Change(UserSettings.Here.Path, (SettingKey.Offer.Name, "off"));
                UserSettings.Reload();
                break;
        }
    }

    /// <summary>What is offered: size, licence and where it comes from.</summary>
    internal static string Question(KnownModel model, long free) =>
        $"No model is set. {model.Title} fits this machine, which has {ByteProgress.Size(free)} of memory free: {model.Reference}, "
            + $"a download of about {ByteProgress.Size(model.Bytes)}, licence {model.Licence}.";

    /// <summary>True: fetch it; null: never ask again; false, which is also any other word: not now.</summary>
    internal static bool? Meaning(string answer) => answer.ToLowerInvariant() switch
    {
        "y" or "yes" => true,
        "v" or "never" => null,
        _ => false,
    };
}
