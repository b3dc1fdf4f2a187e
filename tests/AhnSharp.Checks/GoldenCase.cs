using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Sessions;

namespace AhnSharp.Checks;

/// <summary>A tiny random model in a mode that its logits are known for: a Qwen2 with three memories, and two Qwen3.</summary>
/// <param name="Name">For people.</param>
/// <param name="Folder">Where its files lie.</param>
/// <param name="Logits">Which of the logits.</param>
/// <param name="Mode">What a session keeps; W = 48, S = 8.</param>
/// <param name="Kind">Of its memory; null without one.</param>
public sealed record GoldenCase(string Name, string Folder, string Logits, MemoryMode Mode, string? Kind)
{
    public static IEnumerable<GoldenCase> All =>
    [
        .. Plain("", GoldenModel.Folder), .. Plain("Qwen3 tied ", Path.Combine(GoldenModel.Folder, "qwen3-tied")),
        .. Plain("Qwen3 untied ", Path.Combine(GoldenModel.Folder, "qwen3-untied")),
        .. GoldenModel.Kinds.Select(kind => new GoldenCase(kind, GoldenModel.Folder, kind, MemoryMode.Ahn, kind)),
    ];

    public string BasePath => Path.Combine(Folder, "base.gguf");

    public string? AdapterPath => Kind is null ? null : Path.Combine(Folder, Kind + ".gguf");

    public SessionOptions Session =>
        new() { Mode = Mode, Window = GoldenModel.Window, Sinks = GoldenModel.Sinks, Kv = Attention.KvType.F32 };

    /// <summary>Relative L2 error of the logits when the tokens are fed in pieces.</summary>
    /// <param name="pieces">Tokens of each, over and over.</param>
    /// <param name="feed">Feeds a session.</param>
    public double Error(int[] pieces, Action<ReadOnlyMemory<int>, LogitsReader> feed)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        ArgumentNullException.ThrowIfNull(feed);
        int[] ids = GoldenModel.Integers(Folder, "ids"), rows = GoldenModel.Integers(Folder, "rows");
        float[] expected = GoldenModel.Expected(Folder, Logits);
        double difference = 0, size = 0;
        int start = 0, compared = 0;
        for (int i = 0; start < ids.Length; i++)
        {
            int count = Math.Min(pieces[i % pieces.Length], ids.Length - start);
            feed(ids.AsMemory(start, count), (index, logits) =>
            {
                int row = Array.IndexOf(rows, start + index);
                if (row < 0) return;
                compared++;
                for (int v = 0; v < logits.Length; v++)
                {
                    double e = expected[row * GoldenModel.Vocabulary + v];
                    difference += (e - logits[v]) * (e - logits[v]);
                    size += e * e;
                }
            });
            start += count;
        }
        if (compared != rows.Length) throw new CheckFailedException($"expected the logits of {rows.Length} rows, found {compared}");
        return Math.Sqrt(difference / size);
    }

    private static IEnumerable<GoldenCase> Plain(string name, string folder) =>
        [new(name + "full", folder, "full", MemoryMode.Full, null), new(name + "window", folder, "window", MemoryMode.Window, null)];
}
