using System;
using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Training;

/// <summary>
/// The base model that a memory is trained for: packed for the way forward, in its file for the way back; it never changes.
/// </summary>
internal sealed class FrozenBase : IDisposable
{
    private FrozenBase(GgufFile file, ModelConfig config, Weights weights, Workers workers)
    {
        (File, Config, Weights, Workers) = (file, config, weights, workers);
        NetworkTensors tensors = new(config);
        Layers = new FrozenLayer[config.LayerCount];
        for (int n = 0; n < Layers.Length; n++) Layers[n] = new FrozenLayer(file, tensors.Layer(n), weights.Layers[n]);
        Head = file.GetTensor((tensors.Output ?? tensors.Embedding).Name);
        Fingerprint = BaseFingerprint.Of(file, config.LayerCount);
    }

    public GgufFile File { get; }
    public ModelConfig Config { get; }
    public Weights Weights { get; }
    public Workers Workers { get; }
    public FrozenLayer[] Layers { get; }

    /// <summary>[vocabulary, E].</summary>
    public GgufTensor Head { get; }

    /// <summary><see cref="BaseFingerprint"/>, which the memory will carry.</summary>
    public string Fingerprint { get; }

    /// <summary>Loads a base model.</summary>
    /// <exception cref="InvalidModelException">It is none, or holds a memory already.</exception>
    public static FrozenBase Load(string path, int threads, CancellationToken cancellation = default)
    {
        GgufFile file = GgufFile.Open(path);
        Workers? workers = null;
        Weights? weights = null;
        try
        {
            ModelConfig config = ModelKeys.Read(file);
            if (config.Ahn is { } ahn)
            {
                throw new InvalidModelException(
                    $"{path}: expected a base model to train a memory for, found one that holds a {ahn.Rule} memory already; name the "
                        + "file that it was merged from.");
            }
            workers = new Workers(threads);
            weights = Weights.Load(file, null, config, new ModelOptions { Threads = threads }, 0, workers, cancellation);
            return new FrozenBase(file, config, weights, workers);
        }
        catch
        {
            weights?.Dispose();
            workers?.Dispose();
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Weights.Dispose();
        Workers.Dispose();
        File.Dispose();
    }
}

/// <summary>One layer: its parts for the way forward, and its matrices where they lie in the file.</summary>
internal sealed class FrozenLayer(GgufFile file, LayerTensors names, LayerWeights weights)
{
    public LayerWeights Weights { get; } = weights;
    public GgufTensor Query { get; } = file.GetTensor(names.Query.Name);
    public GgufTensor Key { get; } = file.GetTensor(names.Key.Name);
    public GgufTensor Value { get; } = file.GetTensor(names.Value.Name);
    public GgufTensor Output { get; } = file.GetTensor(names.Output.Name);
    public GgufTensor Gate { get; } = file.GetTensor(names.Gate.Name);
    public GgufTensor Up { get; } = file.GetTensor(names.Up.Name);
    public GgufTensor Down { get; } = file.GetTensor(names.Down.Name);
}
