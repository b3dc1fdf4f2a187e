using System;
using System.Collections.Generic;
using System.IO;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Sessions;

namespace AhnSharp.Checks;

/// <summary>One decoder layer at the shape of each real Qwen2.5, past W + S, against double precision.</summary>
public static class LayerChecks
{
    private const int Tokens = 9;

    public static IEnumerable<Check> Of(IEnumerable<string> sizes)
    {
        foreach (string size in sizes) yield return new Check($"one layer of {size} equals double precision", null, () => Compare(size));
    }

    private static void Compare(string size)
    {
        string path = Path.Combine(Path.GetTempPath(), $"ahn-layer-{size}-{Guid.NewGuid():N}.gguf");
        try
        {
            var layer = new LayerModel(size);
            layer.Write(path);
            int[] ids = new int[Tokens];
            for (int t = 0; t < Tokens; t++) ids[t] = (t * 37 + 5) % LayerModel.Vocabulary;
            double[][] expected = layer.Logits(ids);
            using CpuModel model = CpuModel.Load(path);
            foreach (int piece in new[] { Tokens, 1 })
            {
                using LanguageSession session = model.CreateSession(new SessionOptions { Kv = KvType.F32 });
                double difference = 0, total = 0;
                for (int start = 0; start < Tokens; start += piece)
                {
                    model.Forward(session, ids.AsSpan(start, piece), (index, logits) =>
                    {
                        for (int v = 0; v < logits.Length; v++)
                        {
                            difference += Math.Pow(expected[start + index][v] - logits[v], 2);
                            total += Math.Pow(expected[start + index][v], 2);
                        }
                    });
                }
                double error = Math.Sqrt(difference / total);
                if (!(error <= 1e-5))
                    throw new CheckFailedException($"in pieces of {piece}: expected a relative error of at most 1e-5, found {error:e2}");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
