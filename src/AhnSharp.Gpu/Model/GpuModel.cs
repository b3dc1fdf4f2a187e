using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Numerics.Tensors;
using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Devices;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Planning;
using AhnSharp.Sessions;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Model;

/// <summary>A model on one or more GPUs, its last layers on the processor where the devices have no room for them.</summary>
/// <remarks>
/// Weights, rings and memories lie where their layers are computed (<see cref="LayerPlacement"/>): ids go there, hidden states cross from
/// stage to stage, logits come back. The devices' part of a pass is enqueued whole; it cannot be cancelled half-way.
/// <para>A pass of a row a text keeps no copy of the memories it writes (28 copies would be 3 % of a token, and 32 times 28 more than the
/// rest of a step of 32 texts): where a device fails in the middle of one, which no driver recovers from, the sessions of that pass are
/// lost, and say so. Passes of at least <see cref="UndoneRows"/> rows a text, and those over several stages, are undone.</para>
/// </remarks>
public sealed class GpuModel : LanguageModel
{
    private const int UndoneRows = 16;
    private readonly GpuStage[] _stages;
    private readonly CpuStage? _here; // the last stage, where the processor takes part
    private readonly PassTable[] _tables; // one a stage
    private readonly PageLockedArray1D<float> _results;
    private readonly GpuLogits? _logits; // null where the processor makes them
    private readonly PageLockedArray1D<float>?[] _carried; // hidden rows on their way to stage i
    private readonly HiddenRows? _hiddenRows; // null where the processor makes them
    private readonly GpuUndo _undo = new();
    private readonly double[][] _decayRates;
    private readonly string _devices;
    private readonly Action _enqueueAll;
    private GpuPart[] _parts = new GpuPart[1];
    private int _partCount;
    private Pass? _pass; // what _enqueueAll enqueues
    private PageLockedArray1D<float>? _hidden; // [rows, E], once somebody has asked for hidden rows
    private bool _canUndo;

    internal GpuModel(
        GgufFile file, GgufFile? adapter, ModelConfig config, GpuStage[] stages, CpuStage? here, double[][] decayRates, string devices,
        int chunkTokens)
        : base(file, adapter, config, chunkTokens)
    {
        (_stages, _here, _decayRates, _devices) = (stages, here, decayRates, devices);
        _enqueueAll = EnqueueAll;
        Rope rope = ModelRope.Of(config);
        _tables = [.. stages.Select(stage => new PassTable(stage.Kernels.Accelerator, chunkTokens, config.HeadDim, rope))];
        GpuKernels last = stages[^1].Kernels;
        DeviceLayers = stages[^1].EndLayer;
        // What the last device gives: logits, or hidden states where the processor goes on.
        _results = last.Accelerator.AllocatePageLocked1D<float>(
            here is null ? (long)last.Scratch.LogitRows * config.VocabularySize : (long)chunkTokens * config.HiddenSize);
        if (here is null)
        {
            _logits = new GpuLogits(last, _results, DeviceLayers);
            _hiddenRows = new HiddenRows(stages[^1].OutputNorm, config.RmsNormEpsilon);
        }
        else Processor = new ProcessorPart(here.Workers, ComputesAll: false, here.MultipliesBytes, here.SevenBitMatrices);
        _carried = new PageLockedArray1D<float>?[stages.Length];
        for (int i = 1; i < stages.Length; i++)
            _carried[i] = stages[i].Kernels.Accelerator.AllocatePageLocked1D<float>((long)chunkTokens * config.HiddenSize);
    }

    /// <inheritdoc/>
    internal override ProcessorPart? Processor { get; }

    /// <inheritdoc/>
    public override string RunsOn => _here is null
        ? _devices
        : $"{_devices}, for {DeviceLayers} of {Config.LayerCount} layers, {CpuModel.NameOf(_here.Workers)} for the others";

    /// <summary>Layers before this one are computed on devices.</summary>
    public int DeviceLayers { get; }

    /// <inheritdoc/>
    public override long WeightBytes => _stages.Sum(stage => stage.WeightBytes) + (_here?.WeightBytes ?? 0);

    /// <inheritdoc/>
    public override long TokenWeightBytes => _stages.Sum(stage => stage.TokenWeightBytes) + (_here?.WeightBytes ?? 0);

    /// <inheritdoc/>
    public override long ScratchBytes => _stages.Sum(stage => stage.Kernels.Scratch.ByteLength) + (_here?.ScratchBytes ?? 0);

    /// <summary>
    /// GB/s of the file at which the weights were read, sent to the devices and packed there: without opening
    /// devices and compiling kernels.
    /// </summary>
    public override double? UploadRate => MeasuredUploadRate;

    internal double MeasuredUploadRate { get; init; }

    /// <summary>
    /// Loads a base or merged model, and the adapter beside it if one is named, to a device; with several, the layers are
    /// spread over them by their memory.
    /// </summary>
    /// <exception cref="InvalidModelException">A file is not what it should be; the sentence names the tensor or key.</exception>
    /// <exception cref="GpuException">A device has not enough memory.</exception>
    public static GpuModel Load(
        string path, string? ahnPath, ModelOptions? options, IReadOnlyList<GpuDevice> devices, IProgress<LoadedBytes>? progress = null,
        CancellationToken cancellation = default) =>
        GpuModelLoad.Load(path, ahnPath, options, devices, null, progress, cancellation);

    /// <summary>Bytes on a device that a model takes with a session when it is fullest: weights as stored, activations, state.</summary>
    public static long BytesOf(ModelPlan plan, SessionPlan session)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(session);
        return plan.FileBytes + GpuScratch.BytesOf(GpuShape.Of(plan.Config, plan.ChunkTokens)) + session.MaxBytes;
    }

    /// <summary>
    /// GB/s at which the first device copies within its memory, reading and writing both counted, the best of five copies of 256 MiB:
    /// near the roof of a decode step.
    /// </summary>
    public override double? MeasureCopyRate() => InTurn(_stages[0].Kernels.Accelerator, static accelerator =>
    {
        const long bytes = 256L << 20;
        accelerator.Bind();
        using MemoryBuffer1D<byte, Stride1D.Dense> from = accelerator.Allocate1D<byte>(bytes), to = accelerator.Allocate1D<byte>(bytes);
        double best = double.PositiveInfinity;
        for (int i = 0; i < 5; i++)
        {
            accelerator.DefaultStream.Synchronize();
            long started = Stopwatch.GetTimestamp();
            from.View.AsContiguous().CopyTo(accelerator.DefaultStream, to.View.AsContiguous());
            accelerator.DefaultStream.Synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        return 2 * bytes / best / 1e9;
    });

    internal override ReadOnlySpan<double> DecayRatesOf(int layer) =>
        layer < DeviceLayers ? _decayRates[layer] : _here!.DecayRatesOf(layer);

    internal override LastLogits CreateLogits() => _logits is null ? base.CreateLogits() : new GpuLastLogits(this);

    internal override LayerState CreateLayer(int layer, SessionPlan plan)
    {
        if (layer >= DeviceLayers) return plan.CreateHostLayer(layer);
        int memoryHeads = plan.RemembersIn(layer) ? Config.HeadCount : 0;
        Accelerator accelerator = _stages.First(stage => layer < stage.EndLayer).Kernels.Accelerator;
        return new GpuLayerState(accelerator, plan.Geometry(layer), memoryHeads);
    }

    /// <summary>Brings the last logits of a session from the device.</summary>
    internal void BringLogits(GpuLastLogits logits) => InTurn(logits, one =>
    {
        try
        {
            _logits!.Bring(one);
            return true;
        }
        catch (Exception error) when (GpuFailure.Of(error, _devices) is { } sentence)
        {
            throw sentence;
        }
    });

    private protected override LayerState Adopt(int layer, SessionPlan plan, HostLayer host, long position)
    {
        if (layer >= DeviceLayers) return host;
        var state = (GpuLayerState)CreateLayer(layer, plan);
        try
        {
            state.FromHost(host, position, tokensLeft: plan.Tally(position).Compressed > 0);
        }
        catch (Exception error)
        {
            state.Dispose();
            throw Explain(error);
        }
        host.Dispose();
        return state;
    }

    private protected override void PrepareUndo(Pass pass)
    {
        _undo.Clear();
        bool tokensLeave = false;
        foreach (ref readonly Pass.Part part in pass.Parts) tokensLeave |= part.Evicted > 0;
        _canUndo = !tokensLeave || pass.Rows >= UndoneRows * pass.Parts.Length || _stages.Length > 1 || _here is not null;
        if (_canUndo) _undo.Take(pass, DeviceLayers);
        _here?.PrepareUndo(pass);
    }

    private protected override void Compute(Pass pass)
    {
        pass.ThrowIfCancelled();
        if (_logits is not null && _logits.Keep(pass)) _canUndo &= pass.Rows > 1;
        if (_logits is not null && _stages.Length == 1 && !pass.AsksForHidden && _logits.TakesTop(pass))
        {
            Prepare(0, pass);
            _pass = pass;
            _stages[0].Kernels.Repeat(pass.Rows, _tables[0].Asked, _enqueueAll);
            _pass = null;
            _logits.ReadTop(pass);
            return;
        }
        for (int i = 0; i < _stages.Length; i++)
        {
            Prepare(i, pass);
            Enqueue(i, pass);
        }
        if (_here is null)
        {
            Span<float> hidden = pass.AsksForHidden ? BringHidden(pass.Rows) : [];
            _logits!.Read(_stages[^1].Head!, pass, _tables[^1].Asked);
            if (pass.AsksForHidden) _hiddenRows!.Hand(pass, hidden);
            return;
        }
        AcceleratorStream stream = _stages[^1].Kernels.Accelerator.DefaultStream;
        int floats = pass.Rows * Config.HiddenSize;
        _stages[^1].Kernels.Scratch.Hidden.SubView(0, floats).CopyToCPUUnsafeAsync(stream, ref _results.Span[0], floats);
        stream.Synchronize();
        _results.Span[..floats].CopyTo(_here.Hidden(pass));
        for (int i = 0; i < pass.Parts.Length; i++)
        {
            ref readonly Pass.Part part = ref pass.Parts[i];
            int last = part.Row + part.Count - 1;
            if (!TensorPrimitives.IsFiniteAll<float>(_results.Span.Slice(last * Config.HiddenSize, Config.HiddenSize)))
                pass.Fail(i, BrokenNumbers.Explain(part, DeviceLayers));
        }
        _here.RunLayers(pass);
        _here.ReadHidden(pass);
        _here.ReadLogits(pass);
    }

    private protected override bool Undo(in Pass.Part part)
    {
        if (!_canUndo) return false;
#pragma warning disable CA1031 // A device that failed often fails again: then the session is lost, which its user is told.
        try
        {
            _undo.PutBack(part.Session);
            _here?.Undo(part);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
#pragma warning restore CA1031
    }

    private protected override Exception Explain(Exception failure) => GpuFailure.Of(failure, _devices) ?? failure;

    private protected override void Free()
    {
        foreach (PassTable table in _tables) table.Dispose();
        foreach (PageLockedArray1D<float>? carried in _carried) carried?.Dispose();
        _results.Dispose();
        _hidden?.Dispose();
        _logits?.Dispose();
        _undo.Dispose();
        foreach (GpuStage stage in _stages) stage.Dispose();
        _here?.Dispose();
    }

    // Enqueued behind the layers: they are here when the pass has ended, with the logits or without.
    private Span<float> BringHidden(int rows)
    {
        Accelerator accelerator = _stages[^1].Kernels.Accelerator;
        _hidden ??= accelerator.AllocatePageLocked1D<float>((long)ChunkTokens * Config.HiddenSize);
        int floats = rows * Config.HiddenSize;
        _stages[^1].Kernels.Scratch.Hidden.SubView(0, floats).CopyToCPUUnsafeAsync(accelerator.DefaultStream, ref _hidden.Span[0], floats);
        return _hidden.Span[..floats];
    }

    // On the host: what the pass brings to a stage.
    private void Prepare(int index, Pass pass)
    {
        GpuStage stage = _stages[index];
        stage.Kernels.Accelerator.Bind();
        PassTable table = _tables[index];
        table.Begin(pass.Rows);
        foreach (ref readonly Pass.Part part in pass.Parts)
        {
            for (int i = 0; i < part.Count; i++) table.Set(part.Row + i, pass.Id(part.Row + i), part.Position + i);
            for (int i = part.Count - part.Asked; i < part.Count; i++) table.Ask(part.Row + i);
        }
        SetParts(stage, pass);
        stage.Kernels.BeginPass(_parts.AsSpan(0, _partCount), pass.Parts.Length);
    }

    private void Enqueue(int index, Pass pass)
    {
        GpuStage stage = _stages[index];
        GpuKernels kernels = stage.Kernels;
        AcceleratorStream stream = kernels.Accelerator.DefaultStream;
        _tables[index].Upload(stream, kernels.Scratch);
        long floats = (long)pass.Rows * Config.HiddenSize;
        if (index == 0) kernels.Embed(stage.Head!, pass.Rows);
        else kernels.Scratch.Hidden.SubView(0, floats).CopyFromCPUUnsafeAsync(stream, ref _carried[index]!.Span[0], floats);
        int perLayer = pass.Parts.Length;
        for (int n = stage.FirstLayer; n < stage.EndLayer; n++)
            kernels.RunLayer(stage.Layer(n), _parts.AsSpan((n - stage.FirstLayer) * perLayer, perLayer), pass.Rows);
        if (index == _stages.Length - 1) return;
        kernels.Scratch.Hidden.SubView(0, floats).CopyToCPUUnsafeAsync(stream, ref _carried[index + 1]!.Span[0], floats);
        stream.Synchronize();
    }

    // A pass that runs from the ids to the likeliest tokens on one device.
    private void EnqueueAll()
    {
        Enqueue(0, _pass!);
        _logits!.EnqueueTop(_stages[0].Head!, _pass!.Rows, _tables[0].Asked);
    }

    // Layer by layer.
    private void SetParts(GpuStage stage, Pass pass)
    {
        _partCount = (stage.EndLayer - stage.FirstLayer) * pass.Parts.Length;
        if (_parts.Length < _partCount) _parts = new GpuPart[_partCount];
        int i = 0;
        for (int n = stage.FirstLayer; n < stage.EndLayer; n++)
        {
            foreach (ref readonly Pass.Part part in pass.Parts)
            {
                var state = (GpuLayerState)part.Session.Layer(n);
                int evicted = state.HasMemory ? part.Evicted : 0;
                _parts[i++] = new GpuPart(part.Row, part.Count, (int)part.Position, evicted, state.Ring, state.State);
            }
        }
    }
}
