using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using AhnSharp.Archive;
using AhnSharp.Conversion;
using AhnSharp.Kernels;
using AhnSharp.Machine;
using AhnSharp.Measurement;

namespace AhnSharp.Checks;

/// <summary>
/// How many of the blocks that matter the archive's index names, on keys and queries of a real model: the engine's own codes, index and
/// kernels.
/// </summary>
/// <remarks>
/// The file: for each head NAME.keys [tokens, D] and NAME.queries [rows, G, D], un-rotated, NAME.lse [rows, G], NAME.best and NAME.score
/// [rows, n] (the best blocks by exact score), and for all rows [n] and available_blocks [n]; sinks, window, block and rope_base in its
/// metadata. A block is weighty whose score is above −3: its best token weighs at least e⁻³ of all that is exact.
/// </remarks>
internal static class IndexRecall
{
    private const float Weighty = -3;
    private static readonly int[] s_candidates = [16, 32, 64];

    public static int Run(string path, string? resultsPath)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        JsonElement facts = Metadata(path);
        int sinks = Number("sinks"), window = Number("window"), block = Number("block");
        double ropeBase = double.Parse(facts.GetProperty("rope_base").GetString()!, CultureInfo.InvariantCulture);
        string[] heads = [.. file.Tensors.Select(t => t.Name).Where(name => name.EndsWith(".keys", StringComparison.Ordinal))
            .Select(name => name[..^5]).Order(StringComparer.Ordinal)];
        StringBuilder text = new();
        text.Append("| index, % of the weighty blocks among m candidates | ");
        text.AppendJoin(" | ", s_candidates.Select(m => $"m = {m}")).Append(" |\n|---|").AppendJoin("", s_candidates.Select(_ => "---:|"));
        text.Append('\n');
        int total = 0;
        (string Name, bool InFloats)[] indexes =
            [("4-bit keys, 8-bit queries: as it is asked", false), ("4-bit keys, queries in floats", true)];
        foreach ((string name, bool inFloats) in indexes)
        {
            int[] found = new int[s_candidates.Length];
            total = 0;
            ArchiveOptions options = new() { BlockTokens = block, AsksInFloats = inFloats };
            foreach (string head in heads) total += Count(file, head, options, sinks, window, ropeBase, found);
            text.Append(CultureInfo.InvariantCulture, $"| {name} | ");
            text.AppendJoin(" | ", found.Select(f => (100.0 * f / total).ToString("f2", CultureInfo.InvariantCulture))).Append(" |\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"\n{total} weighty blocks of {heads.Length} heads, {Path.GetFileName(path)}.\n");
        Console.Write(text);
        if (resultsPath is not null)
        {
            string when = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            ResultsFile.Replace(
                resultsPath, "The archive's index on real keys",
                $"{when}, {CpuName.Here}, kernels {KernelTable.NameOf(KernelTable.Active)}. "
                    + $"`AhnSharp.Checks --index {Path.GetFileName(path)}`\n\n{text}");
        }
        return 0;

        int Number(string name) => int.Parse(facts.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
    }

    private static int Count(
        SafetensorsFile file, string head, ArchiveOptions options, int sinks, int window, double ropeBase, int[] found)
    {
        (float[] keys, int[] keyShape) = Read(file, head + ".keys");
        (float[] queries, int[] queryShape) = Read(file, head + ".queries");
        (float[] logSums, float[] scores) = (Read(file, head + ".lse").Values, Read(file, head + ".score").Values);
        int[] best = file.ReadInt32s(file.GetTensor(head + ".best")), rows = file.ReadInt32s(file.GetTensor("rows")),
            available = file.ReadInt32s(file.GetTensor("available_blocks"));
        int d = keyShape[1], group = queryShape[1], b = options.BlockTokens, blocks = keyShape[0] / b, listed = best.Length / rows.Length;
        var rope = new Rope(d, ropeBase);
        using var store = new ArchiveStore(new ArchiveShape(options, 1, 1, d, _ => true, sinks, window));
        float[] scratch = new float[b * d], cos = new float[d / 2], sin = new float[d / 2], estimates = new float[blocks];
        for (int n = 0; n < blocks; n++)
        {
            store.Reserve(n, n + 1);
            store.WriteTurn(rope, n);
            store.Seal(n, 0, keys.AsSpan(n * b * d, b * d), keys.AsSpan(n * b * d, b * d), scratch);
            store.Keep();
        }
        var asked = new RetrievalScratch(store.Shape, group, rope);
        var retrieval = new Retrieval(KernelTable.Gemm, KernelTable.Block, rope, group, d);
        int weighty = 0;
        for (int r = 0; r < rows.Length; r++)
        {
            float[] turned = queries.AsSpan(r * group * d, group * d).ToArray();
            rope.Angles(rows[r], cos, sin);
            Rope.Rotate(turned, cos, sin);
            var query = new ArchiveQuery
            {
                Store = store,
                Slot = 0,
                Position = rows[r],
                Blocks = available[r],
                Reach = long.MaxValue,
                Queries = turned,
                FarTurn = [],
                LogSums = logSums.AsSpan(r * group, group),
            };
            if (options.AsksInFloats) retrieval.Estimate(query, 0, estimates, asked);
            else
            {
                asked.Scan.Clear();
                asked.Scan.Add(query);
                asked.Scan.Run(0, blocks, estimates, blocks);
            }
            for (int n = 0; n < listed; n++)
            {
                if (!(scores[r * listed + n] > Weighty)) continue;
                weighty++;
                int block = best[r * listed + n], rank = 0;
                for (int i = 0; i < available[r]; i++) rank += estimates[i] > estimates[block] ? 1 : 0;
                for (int m = 0; m < s_candidates.Length; m++) found[m] += rank < s_candidates[m] ? 1 : 0;
            }
        }
        return weighty;
    }

    private static (float[] Values, int[] Shape) Read(SafetensorsFile file, string name)
    {
        SafetensorsTensor tensor = file.GetTensor(name);
        float[] values = new float[tensor.ElementCount];
        file.ReadSingles(tensor, 0, values);
        return (values, [.. tensor.Shape.Select(n => (int)n)]);
    }

    private static JsonElement Metadata(string path)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] length = new byte[8];
        stream.ReadExactly(length);
        byte[] header = new byte[BitConverter.ToInt64(length)];
        stream.ReadExactly(header);
        using var document = JsonDocument.Parse(header);
        return document.RootElement.GetProperty("__metadata__").Clone();
    }
}
