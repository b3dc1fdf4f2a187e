using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Conversion;

/// <summary>Reads what an AHN folder's config.json says of the memory.</summary>
internal static class AhnFolderConfig
{
    // What the engine takes; eight times the longest context of a Qwen2.5.
    private const int MaxTokens = 1 << 20;

    public static AhnConfig Read(ConfigJson json, int layerCount, int? window, int? sinks, Action<string> note)
    {
        string? implementation = json.Text("_ahn_implementation");
        if (implementation is null)
        {
            throw new InvalidModelException(
                $"{json.Path}: expected _ahn_implementation, as an AHN folder has it, found none; is this the base model's folder?");
        }
        MemoryRule rule = MemoryRule.OfName(implementation)
            ?? throw json.Wrong("_ahn_implementation", string.Join(" or ", MemoryRule.All.Select(row => row.Name)), implementation);
        foreach (string option in new[] { "use_q_proj", "use_ahn_router" })
        {
            if (json.Bool(option) == true)
            {
                throw new InvalidModelException(
                    $"{json.Path}: {option} is on; memories trained with it are not supported, only those with {option} off.");
            }
        }
        (int w, int s) = ReadWindow(json, window, sinks, note);
        return new AhnConfig(rule, w, s, ReadFullAttentionLayers(json, layerCount));
    }

    private static (int Window, int Sinks) ReadWindow(ConfigJson json, int? window, int? sinks, Action<string> note)
    {
        int w, s;
        if (json.Int("num_attn_sinks", 0, int.MaxValue) is { } written)
        {
            w = window ?? json.RequiredInt("sliding_window", 1, int.MaxValue);
            s = sinks ?? written;
        }
        else
        {
            w = window ?? AhnConfig.DefaultWindow;
            s = sinks ?? AhnConfig.DefaultSinks;
            if (window is null || sinks is null)
            {
                int? training = json.Find("sliding_window") is null ? null : json.Int("sliding_window", 0, int.MaxValue);
                string left = training is null ? "" : $" (its sliding_window of {training} is a leftover of training)";
                string options = window is null ? sinks is null ? "--window and --sinks" : "--window" : "--sinks";
                note($"{json.Path} has no num_attn_sinks{left}: the file gets a window of {w} and {s} attention sinks; "
                    + $"{options} would choose otherwise.");
            }
        }
        if (w is < 1 or > MaxTokens || s is < 0 or > MaxTokens)
        {
            throw new InvalidModelException(
                $"{json.Path}: expected a window from 1 to {MaxTokens} and sinks from 0 to {MaxTokens}, found {w} and {s}.");
        }
        return (w, s);
    }

    /// <summary><c>fa_layer_ids</c> is written as "3,7", as "" for none, or as a list of numbers.</summary>
    private static ImmutableArray<int> ReadFullAttentionLayers(ConfigJson json, int layerCount)
    {
        if (json.Find("fa_layer_ids") is not { } value) return [];
        IEnumerable<string> words = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            JsonValueKind.Array => value.EnumerateArray().Select(item => item.GetRawText()),
            _ => throw json.Wrong("fa_layer_ids", "a text such as \"3,7\" or a list of layers", value.GetRawText()),
        };
        SortedSet<int> layers = [];
        foreach (string word in words)
        {
            bool isLayer = int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int layer) && layer < layerCount;
            if (!isLayer || !layers.Add(layer))
                throw json.Wrong("fa_layer_ids", $"different layers from 0 to {layerCount - 1}", value.GetRawText());
        }
        if (layers.Count == layerCount)
            throw json.Wrong("fa_layer_ids", "fewer than all layers, or there would be no memory", value.GetRawText());
        return [.. layers];
    }
}
