using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Conversion;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Testing;

namespace AhnSharp.Fuzz;

/// <summary>Files of weights: GGUF, as a file, as a model and as an adapter, and safetensors.</summary>
internal static class ModelTargets
{
    private static readonly Lazy<IReadOnlyList<byte[]>> s_models =
        new(() => [Model(null), Model(HippocampusKind.DeltaNet), Model(HippocampusKind.GatedDeltaNet), Model(HippocampusKind.Mamba2)]);

    public static IEnumerable<FuzzTarget> All =>
    [
        new()
        {
            Name = "gguf",
            Extension = ".gguf",
            Seeds = static () => [Header(), s_models.Value[0]],
            Words = ["tokenizer.ggml.tokens", "general.alignment", "qwen2.block_count", "blk.0.attn_q.weight"],
            Read = static (_, path) => ReadAll(path),
            IsExpected = static e => e is InvalidModelException,
            BytesPerByte = 16,
            ConstantBytes = 256 << 10,
            InputsInSuite = 2500,
        },
        new()
        {
            Name = "model",
            Extension = ".gguf",
            Seeds = static () => s_models.Value,
            Mutate = static (random, seeds) => Mutator.InPlace(random, seeds,
                ["qwen2.rope.freq_base", "ahn.norm_epsilon", "ahn.kind", "mamba2", "deltanet", "qwen2.attention.key_length"]),
            Read = static (_, path) => Compute(path, null),
            IsExpected = static e => e is InvalidModelException or ContextOverflowException,
            BytesPerByte = 64,
            ConstantBytes = 2 << 20,
            InputsInSuite = 1200,
        },
        new()
        {
            Name = "adapter",
            Extension = ".gguf",
            Seeds = static () => [Adapter("deltanet"), Adapter("gated_deltanet"), Adapter("mamba2")],
            Mutate = static (random, seeds) => Mutator.InPlace(random, seeds,
                ["ahn.norm_epsilon", "ahn.kind", "adapter.type", "general.architecture", "blk.1.ahn_beta.weight"]),
            Read = static (_, path) => Compute(Base(Path.GetDirectoryName(path)!), path),
            IsExpected = static e => e is InvalidModelException,
            BytesPerByte = 64,
            ConstantBytes = 2 << 20,
            InputsInSuite = 1200,
        },
        new()
        {
            Name = "safetensors",
            Extension = ".safetensors",
            Seeds = static () => [Safetensors(null), Safetensors("mamba2")],
            Words =
            [
                "\"dtype\":\"F64\"", "\"BF16\"", "\"data_offsets\":[0,", "\"shape\":[", "__metadata__", "18446744073709551615", "\\ud800",
            ],
            Read = static (_, path) => ReadTable(path),
            IsExpected = static e => e is InvalidModelException,
            BytesPerByte = 24,
            ConstantBytes = 256 << 10,
            InputsInSuite = 1500,
        },
    ];

    private static void ReadAll(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        byte[] buffer = new byte[256];
        foreach (GgufTensor tensor in file.Tensors)
        {
            for (long at = 0; at < tensor.ByteLength; at += buffer.Length)
                file.Read(tensor, at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, tensor.ByteLength - at)));
        }
    }

    private static void Compute(string path, string? adapter)
    {
        ModelOptions options = new() { Threads = 1, ChunkTokens = 16, IgnoreFingerprint = true };
        using CpuModel model = CpuModel.Load(path, adapter, options);
        // A window that 24 tokens leave, so that memories are folded and read.
        bool folds = model.Config.Ahn is not null;
        using LanguageSession session = model.CreateSession(
            new SessionOptions { Window = folds ? 8 : null, Sinks = folds ? 2 : null, ContextTokens = 64 });
        model.Forward(session, [.. Enumerable.Range(0, Math.Min(24, model.Config.VocabularySize))]);
    }

    private static void ReadTable(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        foreach (SafetensorsTensor tensor in file.Tensors)
        {
            byte[] buffer = new byte[Math.Min(64, tensor.ByteLength)];
            file.ReadBytes(tensor, 0, buffer);
        }
    }

    private static byte[] Model(HippocampusKind? kind) =>
        Written(path => new TinyModel { Kind = kind, Hidden = 32, HeadDim = 8, Ffn = 32, Vocabulary = 40 }.Write(path));

    private static byte[] Adapter(string kind) => InFolder(folder =>
    {
        string output = folder.PathOf("adapter.gguf");
        ModelConverter.Convert(new ConversionOptions { AhnFolder = TinyFolder.Ahn(folder, kind).Write().Path, Output = output });
        return File.ReadAllBytes(output);
    });

    // The model that adapters are for.
    private static string Base(string folder)
    {
        string path = Path.Combine(folder, "adapter-base.gguf");
        if (File.Exists(path)) return path;
        using TemporaryFolder made = new();
        ModelConverter.Convert(new ConversionOptions { BaseFolder = TinyFolder.Base(made).Write().Path, Output = path });
        return path;
    }

    private static byte[] Safetensors(string? kind) => InFolder(folder =>
    {
        string made = (kind is null ? TinyFolder.Base(folder) : TinyFolder.Ahn(folder, kind)).Write().Path;
        return File.ReadAllBytes(Directory.GetFiles(made, "*.safetensors").Single());
    });

    private static byte[] Header()
    {
        GgufWriter writer = new(alignment: 64);
        writer.Add("general.architecture", "qwen2");
        writer.Add("qwen2.block_count", 2u);
        writer.Add("eps", 1e-6f);
        writer.Add("flag", true);
        writer.Add("tokenizer.ggml.tokens", ["a", "b", "\u03B6", "", "<|im_end|>"]);
        writer.Add("tokenizer.ggml.token_type", [1, 1, 1, 3]);
        writer.AddValue("nested", (Array[])[(byte[])[1, 2, 3], (string[])["x"]]);
        writer.AddTensor("token_embd.weight", GgmlType.Q8_0, [32, 3], static stream => stream.Write(new byte[102]));
        writer.AddTensor("blk.0.attn_norm.weight", GgmlType.F32, [16], static stream => stream.Write(new byte[64]));
        using MemoryStream stream = new();
        writer.Write(stream);
        return stream.ToArray();
    }

    private static byte[] Written(Action<string> write) => InFolder(folder =>
    {
        write(folder.PathOf("written"));
        return File.ReadAllBytes(folder.PathOf("written"));
    });

    private static byte[] InFolder(Func<TemporaryFolder, byte[]> make)
    {
        using TemporaryFolder folder = new();
        return make(folder);
    }
}
