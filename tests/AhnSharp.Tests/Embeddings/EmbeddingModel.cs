using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Cpu;
using AhnSharp.Embeddings;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using AhnSharp.Tests.Model;
using AhnSharp.Tests.Reference;
using AhnSharp.Tests.Tokenizer;

namespace AhnSharp.Tests.Embeddings;

/// <summary>A tiny Qwen3 with the small vocabulary, and what its vectors must be: in double precision, one text at a time.</summary>
internal sealed class EmbeddingModel : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyModel _tiny;

    public EmbeddingModel(Action<Dictionary<string, object>>? change = null, int chunk = 32, bool hasRankHead = false)
    {
        GgufMetadata keys = SmallVocabulary.Metadata(change);
        _tiny = new TinyModel
        {
            HeadNorms = true,
            Seed = 23,
            Vocabulary = ((string[])keys["tokenizer.ggml.tokens"]).Length,
            MoreKeys = writer =>
            {
                foreach ((string key, object value) in keys)
                {
                    if (key != "general.architecture") writer.AddValue(key, value);
                }
                if (!hasRankHead) return;
                writer.AddTensor("cls.output.weight", GgmlType.F32, [64, 2], stream => stream.Write(new byte[4 * 64 * 2]));
            },
        };
        string path = Path.Combine(_folder.Path, "tiny.gguf");
        _tiny.Write(path);
        Text = TextModel.Of(CpuModel.Load(path, null, new ModelOptions { Threads = 2, ChunkTokens = chunk }));
    }

    public TextModel Text { get; }

    public int Hidden => _tiny.Hidden;

    /// <summary>The vector of ids, not normalised.</summary>
    public double[] Vector(int[] ids, Pooling pooling)
    {
        double[][] rows = ReferenceTests.Reference(_tiny).Hidden(ids, ReferenceMode.Full, 0, 0);
        return pooling == Pooling.Last ? rows[^1] : [.. Enumerable.Range(0, Hidden).Select(i => rows.Average(row => row[i]))];
    }

    /// <summary>The logits behind the last of ids.</summary>
    public double[] Logits(int[] ids) => ReferenceTests.Reference(_tiny).Logits(ids, ReferenceMode.Full, 0, 0)[^1];

    public static double[] Normalized(double[] vector)
    {
        double length = Math.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => x / length)];
    }

    /// <summary>Relative L2 distance.</summary>
    public static double Error(ReadOnlyMemory<float> found, double[] expected)
    {
        if (found.Length != expected.Length) return double.PositiveInfinity;
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(found.Span[i] - expected[i], 2);
            size += expected[i] * expected[i];
        }
        return Math.Sqrt(difference / size);
    }

    public void Dispose()
    {
        Text.Dispose();
        _folder.Dispose();
    }
}
