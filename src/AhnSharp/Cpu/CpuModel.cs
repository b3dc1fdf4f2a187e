using System;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>A model on the processor: all layers in one stage.</summary>
public sealed class CpuModel : LanguageModel
{
    private readonly CpuStage _stage;

    private CpuModel(GgufFile file, GgufFile? adapter, ModelConfig config, CpuStage stage, int chunkTokens)
        : base(file, adapter, config, chunkTokens)
    {
        _stage = stage;
        Processor = new ProcessorPart(stage.Workers, ComputesAll: true, stage.MultipliesBytes, stage.SevenBitMatrices);
    }

    /// <inheritdoc/>
    internal override ProcessorPart Processor { get; }

    /// <summary>The thread team.</summary>
    internal Workers Workers => _stage.Workers;

    /// <inheritdoc/>
    public override long WeightBytes => _stage.WeightBytes;

    /// <inheritdoc/>
    public override string RunsOn => NameOf(Workers);

    /// <inheritdoc/>
    public override long ScratchBytes => _stage.ScratchBytes;

    /// <summary>For tests: the layers.</summary>
    internal CpuStage Stage => _stage;

    /// <summary>Loads a base or merged model, and the adapter beside it if one is named.</summary>
    /// <exception cref="System.IO.FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidModelException">A file is not what it should be; the sentence names the tensor or key.</exception>
    public static CpuModel Load(string path, string? ahnPath = null, ModelOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ModelOptions();
        options.Check();
        GgufFile? file = null, adapter = null;
        try
        {
            file = GgufFile.Open(path, options.MemoryMap);
            adapter = ahnPath is null ? null : GgufFile.Open(ahnPath, options.MemoryMap);
            ModelConfig config = ModelKeys.Read(file, adapter);
            return new CpuModel(file, adapter, config, LoadStage(file, adapter, config, options, 0, cancellation), options.ChunkTokens);
        }
        catch
        {
            adapter?.Dispose();
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Loads the layers from <paramref name="firstLayer"/> on, and the head.</summary>
    internal static CpuStage LoadStage(
        GgufFile file, GgufFile? adapter, ModelConfig config, ModelOptions options, int firstLayer, CancellationToken cancellation)
    {
        var workers = new Workers(options.Threads);
        Weights? weights = null;
        try
        {
            weights = Weights.Load(file, adapter, config, options, firstLayer, workers, cancellation);
            return new CpuStage(weights, config, firstLayer, options.ChunkTokens, workers);
        }
        catch
        {
            weights?.Dispose();
            workers.Dispose();
            throw;
        }
    }

    /// <summary>What computes, for people.</summary>
    internal static string NameOf(Workers workers) =>
        $"{IsaName.Of(KernelTable.Active)}, {(workers.Count == 1 ? "1 thread" : $"{workers.Count} threads")}";

    /// <inheritdoc/>
    public override bool CanArchive => true;

    internal override ReadOnlySpan<double> DecayRatesOf(int layer) => _stage.DecayRatesOf(layer);

    internal override LayerState CreateLayer(int layer, SessionPlan plan) => plan.CreateHostLayer(layer);

    private protected override void PrepareUndo(Pass pass)
    {
        Workers.Profile?.Enter(ProfileStage.Bookkeeping);
        _stage.PrepareUndo(pass);
    }

    private protected override void Compute(Pass pass)
    {
        _stage.Embed(pass);
        _stage.RunLayers(pass);
        _stage.ReadHidden(pass);
        _stage.ReadLogits(pass);
    }

    private protected override bool Undo(in Pass.Part part)
    {
        _stage.Undo(part);
        return true;
    }

    private protected override void Free() => _stage.Dispose();
}
