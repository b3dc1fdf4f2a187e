using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Cli.Help;
using AhnSharp.Hub;

namespace AhnSharp.Cli.Settings;

/// <summary>Words of a command line that may be models, and what is said of those that are none.</summary>
internal static class ModelName
{
    /// <summary>Whether there is a model of that name here: a short name, a GGUF file, or one in the cache.</summary>
    internal static bool IsHere(string word) => UserSettings.Here.Alias(word) is not null
        || (File.Exists(word) ? IsGguf(word) : ModelFile.Reference(word) is not null && ModelFile.TryResolve("model", word) is not null);

    /// <summary>Every name that a command takes here: short names, and what the cache has.</summary>
    internal static IEnumerable<string> All()
    {
        try
        {
            return
            [
                .. UserSettings.Here.Aliases.Select(alias => alias.Name),
                .. CacheListing.Of(new HubCache(HubSettings.FromEnvironment().CacheFolder)).Models
                    .Where(model => model.Kind == ModelKind.Gguf).Select(model => $"{model.Repo}:{model.Label}"),
            ];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or HubException)
        {
            // It is asked while a person types.
            return [];
        }
    }

    /// <summary>Whether a word has the form of a model's name, so that it is never taken for a question without a word.</summary>
    internal static bool HasForm(string word) => !word.Any(char.IsWhiteSpace)
        && (word.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) || ModelFile.Reference(word) is not null
            || KnownModel.Called(word) is not null || IsTagged(word));

    /// <summary>The sentence about a name that no model has, behind what named it.</summary>
    internal static string Missing(string name)
    {
        string near = Nearest.Hint(name, UserSettings.Here.Aliases.Select(alias => alias.Name));
        if (near.Length > 0) return $"there is no model {name} here{near}.";
        if (KnownModel.Called(name) is { } known)
            return $"there is no model {name} here: its makers call it {known.Reference}, and 'ahn pull {known.Reference}' fetches it.";
        if (ModelFile.Reference(name) is { } reference)
            return $"there is no model {reference} here: 'ahn pull {reference}' fetches it, 'ahn list' shows what is here.";
        return IsTagged(name)
            ? $"there is no model {name} here: names on the hub are OWNER/REPO:TYPE, such as {KnownModel.Called("qwen2.5:7b")!.Reference}."
            : $"there is no file {name}.";
    }

    private static bool IsGguf(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Span<byte> start = stackalloc byte[4];
            return file.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && start.SequenceEqual("GGUF"u8);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // As other programs name models: llama3:8b.
    private static bool IsTagged(string word)
    {
        string[] parts = word.Split(':');
        return parts.Length == 2 && parts.All(IsName) && parts[0].Any(char.IsAsciiLetter);
    }

    private static bool IsName(string part) => part.Length > 0 && char.IsAsciiLetterOrDigit(part[0])
        && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
