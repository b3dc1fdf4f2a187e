using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Network;
using AhnSharp.Quants;
using AhnSharp.Sessions;

namespace AhnSharp.Gpu.Model;

/// <summary>
/// Every parameter of the network as the files hold it, by layer: by the list that the engine's Weights reads, read when a kernel set asks.
/// </summary>
internal sealed class GpuWeights
{
    private readonly GgufFile _file;
    private readonly ModelConfig _config;
    private readonly NetworkTensors _tensors;
    private readonly TensorLoader _from, _memory;

    public GpuWeights(GgufFile file, GgufFile? adapter, ModelConfig config, ModelOptions options, CancellationToken cancellation)
    {
        (_file, _config, _tensors) = (file, config, new NetworkTensors(config));
        _from = new TensorLoader(file, options, null, cancellation);
        _memory = adapter is null ? _from : new TensorLoader(adapter, options, null, cancellation);
    }

    public HeadSource Head() => new()
    {
        Embedding = Matrix(_tensors.Embedding),
        OutputNorm = _from.Floats(_tensors.OutputNorm),
        Output = _tensors.Output is { } output ? Matrix(output) : null,
    };

    public LayerSource Layer(int n)
    {
        LayerTensors layer = _tensors.Layer(n);
        return new LayerSource
        {
            AttentionNorm = _from.Floats(layer.AttentionNorm),
            Query = Matrix(layer.Query),
            QueryBias = _from.FloatsOrNull(layer.QueryBias),
            Key = Matrix(layer.Key),
            KeyBias = _from.FloatsOrNull(layer.KeyBias),
            Value = Matrix(layer.Value),
            ValueBias = _from.FloatsOrNull(layer.ValueBias),
            QueryNorm = _from.FloatsOrNull(layer.QueryNorm),
            KeyNorm = _from.FloatsOrNull(layer.KeyNorm),
            Output = Matrix(layer.Output),
            FfnNorm = _from.Floats(layer.FfnNorm),
            Gate = Matrix(layer.Gate),
            Up = Matrix(layer.Up),
            Down = Matrix(layer.Down),
            Memory = _tensors.Memory(n) is { } memory ? Weights.MemoryOf(_memory, memory, _config) : null,
        };
    }

    /// <summary>Leaves a layer to another reader of the same files.</summary>
    public void Leave(int n)
    {
        _from.Leave(NetworkTensors.LayerPrefix(n));
        _memory.Leave(NetworkTensors.LayerPrefix(n));
    }

    /// <summary>Refuses files with a tensor that nobody asked for; call when all layers have been read.</summary>
    public void RefuseRest()
    {
        _from.Leave(NetworkTensors.RankHeadName);
        _from.RefuseRest(_config.Architecture.Title);
        _memory.RefuseRest(_config.Architecture.Title);
    }

    private MatrixSource Matrix(TensorSpec spec)
    {
        GgufTensor tensor = _from.Take(spec);
        return new MatrixSource(tensor.Type, (int)spec.Shape[0], (int)spec.Shape[1],
            (byteOffset, destination) => WeightCheck.Read(_file, tensor, byteOffset, destination));
    }
}
