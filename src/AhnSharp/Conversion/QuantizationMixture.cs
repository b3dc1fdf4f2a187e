using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Quants;

namespace AhnSharp.Conversion;

/// <summary>Which type each tensor of a Qwen2.5 file gets, by the name under which such files are published (<c>q4_k_m</c>).</summary>
/// <remarks>
/// The choices are those of llama.cpp's quantizer for this architecture, without an importance matrix, for what is converted,
/// quantized and synthesised alike.
/// Source: ggml-org/llama.cpp, src/llama-quant.cpp (007dbbf3) and the files on the hubs.
/// </remarks>
public sealed class QuantizationMixture
{
    private static readonly QuantizationMixture[] All =
    [
        new("f32", GgmlType.F32, 0), new("f16", GgmlType.F16, 1), new("bf16", GgmlType.BF16, 32), new("q8_0", GgmlType.Q8_0, 7),
        new("q4_0", GgmlType.Q4_0, 2), new("q4_1", GgmlType.Q4_1, 3), new("q5_0", GgmlType.Q5_0, 8), new("q5_1", GgmlType.Q5_1, 9),
        new("q2_k", GgmlType.Q2_K, 10), new("q3_k_s", GgmlType.Q3_K, 11), new("q3_k_m", GgmlType.Q3_K, 12),
        new("q3_k_l", GgmlType.Q3_K, 13),
        new("q4_k_s", GgmlType.Q4_K, 14), new("q4_k_m", GgmlType.Q4_K, 15), new("q5_k_s", GgmlType.Q5_K, 16),
        new("q5_k_m", GgmlType.Q5_K, 17),
        new("q6_k", GgmlType.Q6_K, 18), new("iq4_nl", GgmlType.IQ4_NL, 25), new("iq4_xs", GgmlType.IQ4_XS, 30),
    ];

    private QuantizationMixture(string name, GgmlType type, int fileType)
    {
        Name = name;
        Type = type;
        FileType = fileType;
    }

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(mixture => mixture.Name)];

    /// <summary>
    /// The names of those whose every type can be written from weights; files of the others are only read, or synthesised.
    /// </summary>
    public static IReadOnlyList<string> WritableNames { get; } =
        [.. All.Where(mixture => mixture.IsWritable).Select(mixture => mixture.Name)];

    /// <summary>The name, in lower case.</summary>
    public string Name { get; }

    /// <summary>The type of most matrices.</summary>
    public GgmlType Type { get; }

    /// <summary>llama.cpp's number, for <c>general.file_type</c>.</summary>
    public int FileType { get; }

    /// <summary>Whether its types can be written from weights.</summary>
    public bool IsWritable => Quantization.IsWritable(Type);

    /// <summary>Whether its matrices are quantized, not floats.</summary>
    public bool IsQuantized => Type.BlockLength() > 1;

    /// <summary>The mixture of a name that is known to exist.</summary>
    public static QuantizationMixture Get(string name) =>
        TryGet(name, out QuantizationMixture? mixture) ? mixture : throw new ArgumentException(
            $"expected one of {string.Join(", ", Names)}, found '{name}'.", nameof(name));

    /// <summary>Finds a mixture by name, in any case; <c>q4_k</c> means <c>q4_k_m</c>, as it does for llama.cpp.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out QuantizationMixture? mixture)
    {
        string full = name.ToUpperInvariant() is "Q3_K" or "Q4_K" or "Q5_K" ? $"{name}_m" : name;
        mixture = Array.Find(All, candidate => candidate.Name.Equals(full, StringComparison.OrdinalIgnoreCase));
        return mixture is not null;
    }

    /// <summary>The type of one tensor.</summary>
    /// <param name="c">The model's shape; null for a memory without its base, whose tensors need none.</param>
    /// <param name="tensor">Its GGUF name.</param>
    /// <param name="dimensions">1 for norms and biases, which are always F32.</param>
    /// <param name="rowLength">Weights of a row: not all types fit all rows.</param>
    /// <param name="source">The type it has in a GGUF file; null where its weights come from elsewhere.</param>
    public TypeChoice Choose(ModelConfig? c, string tensor, int dimensions, long rowLength, GgmlType? source = null)
    {
        if (dimensions == 1) return Exactly(GgmlType.F32);
        if (!IsQuantized) return Exactly(Type);
        // 0.3 % of a model, and what is lost in the memory is lost for good: F16, unless it has been made smaller before.
        if (GgufTensor.IsMemoryName(tensor)) return Exactly(source == GgmlType.Q8_0 ? GgmlType.Q8_0 : GgmlType.F16);
        ArgumentNullException.ThrowIfNull(c);
        bool isHead = tensor == NetworkTensors.OutputName || (c.TiedEmbeddings && tensor == NetworkTensors.EmbeddingName);
        GgmlType wanted = !isHead ? LayerType(c, tensor) : Type == GgmlType.Q8_0 ? GgmlType.Q8_0 : GgmlType.Q6_K;
        return new TypeChoice(Fitting(wanted, rowLength), wanted);
    }

    private static TypeChoice Exactly(GgmlType type) => new(type, type);

    private GgmlType LayerType(ModelConfig c, string tensor)
    {
        if (!tensor.StartsWith("blk.", StringComparison.Ordinal)) return Type;
        string[] parts = tensor.Split('.');
        int layer = int.Parse(parts[1], null), layers = c.LayerCount;
        bool eighth = layer < layers / 8;
        // The first and the last eighth of the layers, and every third between them, get the better type.
        bool better = eighth || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
        bool groups = c.HeadCount / c.KvHeadCount >= 4;
        switch (parts[2])
        {
            case "attn_v":
                GgmlType v = Name switch
                {
                    "q2_k" => groups ? GgmlType.Q4_K : GgmlType.Q3_K,
                    "q3_k_m" => layer < 2 ? GgmlType.Q5_K : GgmlType.Q4_K,
                    "q3_k_l" => GgmlType.Q5_K,
                    "iq4_nl" or "iq4_xs" when groups => GgmlType.Q5_K,
                    "q4_k_m" or "q5_k_m" when better => GgmlType.Q6_K,
                    "q4_k_s" when layer < 4 => GgmlType.Q5_K,
                    _ => Type,
                };
                // 80 layers are the largest size: its value matrices are an eighth of its query matrices and deserve more.
                return layers == 80 && v is (GgmlType.Q3_K or GgmlType.Q4_K) ? GgmlType.Q5_K : v;
            case "ffn_down":
                return Name switch
                {
                    "q2_k" => GgmlType.Q3_K,
                    "q3_k_m" => layer < layers / 16 ? GgmlType.Q5_K : GgmlType.Q4_K,
                    "q3_k_l" => GgmlType.Q5_K,
                    "q4_k_m" or "q5_k_m" when better => GgmlType.Q6_K,
                    "q4_k_s" or "iq4_nl" or "iq4_xs" when eighth => GgmlType.Q5_K,
                    _ => Type,
                };
            case "attn_output":
                return Name switch
                {
                    "q2_k" => GgmlType.Q3_K,
                    "q3_k_m" => GgmlType.Q4_K,
                    "q3_k_l" => GgmlType.Q5_K,
                    _ => Type,
                };
            default:
                return Type;
        }
    }

    /// <summary>Rows that are no multiple of 256 take a larger type of 32-weight blocks, and where that does not fit either, F16.</summary>
    private static GgmlType Fitting(GgmlType wanted, long rowLength)
    {
        if (rowLength % wanted.BlockLength() == 0) return wanted;
        GgmlType smaller = wanted switch
        {
            GgmlType.Q4_K => GgmlType.Q5_0,
            GgmlType.Q5_K => GgmlType.Q5_1,
            GgmlType.Q6_K => GgmlType.Q8_0,
            GgmlType.Q2_K or GgmlType.Q3_K => GgmlType.Q4_0,
            _ => GgmlType.IQ4_NL,
        };
        return rowLength % smaller.BlockLength() == 0 ? smaller : GgmlType.F16;
    }
}
