using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Model;
using AhnSharp.Sessions;

namespace AhnSharp.Gpu.Model;

/// <summary>Every parameter of the network as the files hold it, by layer: the same names and shapes as the engine's Weights, read when a kernel set asks.</summary>
internal sealed class GpuWeights
{
    private readonly GgufFile _file;
    private readonly ModelConfig _config;
    private readonly TensorLoader _from, _memory;

    public GpuWeights(GgufFile file, GgufFile? adapter, ModelConfig config, ModelOptions options, CancellationToken cancellation)
    {
        (_file, _config) = (file, config);
        _from = new TensorLoader(file, options, null, cancellation);
        _memory = adapter is null ? _from : new TensorLoader(adapter, options, null, cancellation);
    }

    public HeadSource Head() => new()
    {
        Embedding = Matrix("token_embd.weight", _config.VocabularySize, _config.HiddenSize),
        OutputNorm = _from.Floats("output_norm.weight", _config.HiddenSize),
        Output = _config.TiedEmbeddings ? null : Matrix("output.weight", _config.VocabularySize, _config.HiddenSize),
    };

    public LayerSource Layer(int n)
    {
        int e = _config.HiddenSize, q = _config.HeadCount * _config.HeadDim, kv = _config.KvHeadCount * _config.HeadDim, f = _config.FfnSize;
        string blk = $"blk.{n}.";
        return new LayerSource
        {
            AttentionNorm = _from.Floats(blk + "attn_norm.weight", e),
            Query = Matrix(blk + "attn_q.weight", q, e),
            QueryBias = _from.Floats(blk + "attn_q.bias", q),
            Key = Matrix(blk + "attn_k.weight", kv, e),
            KeyBias = _from.Floats(blk + "attn_k.bias", kv),
            Value = Matrix(blk + "attn_v.weight", kv, e),
            ValueBias = _from.Floats(blk + "attn_v.bias", kv),
            Output = Matrix(blk + "attn_output.weight", e, q),
            FfnNorm = _from.Floats(blk + "ffn_norm.weight", e),
            Gate = Matrix(blk + "ffn_gate.weight", f, e),
            Up = Matrix(blk + "ffn_up.weight", f, e),
            Down = Matrix(blk + "ffn_down.weight", e, f),
            Memory = _config.Ahn is { } ahn && ahn.HasMemory(n) ? Weights.MemoryOf(_memory, blk, ahn, _config) : null,
        };
    }

    /// <summary>Leaves a layer to another reader of the same files.</summary>
    public void Leave(int n)
    {
        _from.Leave($"blk.{n}.");
        _memory.Leave($"blk.{n}.");
    }

    /// <summary>Refuses files with a tensor that nobody asked for; call when all layers have been read.</summary>
    public void RefuseRest()
    {
        _from.RefuseRest();
        _memory.RefuseRest();
    }

    private MatrixSource Matrix(string name, int rows, int columns)
    {
        GgufTensor tensor = _from.Take(name, rows, columns);
        return new MatrixSource(tensor.Type, rows, columns, (byteOffset, destination) => _file.ReadUnmapped(tensor, byteOffset, destination));
    }
}
