using System;
using System.IO;
using AhnSharp.Conversion;
using AhnSharp.Cpu;
using AhnSharp.Sessions;

namespace AhnSharp.Checks;

/// <summary>The tiny random model whose logits are known: base, three adapters, and what they must give. W = 48, S = 8.</summary>
public static class GoldenModel
{
    public const int Window = 48, Sinks = 8, Tokens = 320, Vocabulary = 512;

    /// <summary>Adapters, by the name of their kind.</summary>
    public static readonly string[] Kinds = ["deltanet", "gated_deltanet", "mamba2"];

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Fixtures", "golden");

    public static CpuModel Load(string? kind, int threads) => CpuModel.Load(
        Path.Combine(Folder, "base.gguf"), kind is null ? null : Path.Combine(Folder, kind + ".gguf"),
        new ModelOptions { Threads = threads, ChunkTokens = 128 });

    public static int[] Ids { get; } = Integers(Folder, "ids");

    /// <summary>Positions whose logits are known.</summary>
    public static int[] Rows { get; } = Integers(Folder, "rows");

    /// <summary>[rows, vocabulary] of <c>full</c>, <c>window</c> or a kind.</summary>
    public static float[] Expected(string name) => Expected(Folder, name);

    internal static float[] Expected(string folder, string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
        SafetensorsTensor tensor = file.GetTensor("logits_" + name);
        float[] values = new float[tensor.ElementCount];
        file.ReadSingles(tensor, 0, values);
        return values;
    }

    internal static int[] Integers(string folder, string name) => IntegersOf(Path.Combine(folder, "expected.safetensors"), name);

    public static int[] IntegersOf(string path, string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        SafetensorsTensor tensor = file.GetTensor(name);
        byte[] bytes = new byte[tensor.ByteLength];
        file.ReadBytes(tensor, 0, bytes);
        int[] values = new int[tensor.ElementCount];
        int size = bytes.Length / values.Length;
        for (int i = 0; i < values.Length; i++)
            values[i] = size == 8 ? (int)BitConverter.ToInt64(bytes, 8 * i) : BitConverter.ToInt32(bytes, 4 * i);
        return values;
    }
}
