using System;
using System.Numerics.Tensors;
using AhnSharp.Attention;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>Consecutive layers on the processor, to the last, and the head behind them: a whole model, or what a device left.</summary>
/// <remarks>Owns the weights and the team. Whoever owns it lets one pass run at a time.</remarks>
internal sealed class CpuStage : IDisposable
{
    // Logits of every row are made in pieces of at most 32 MiB: 152,064 × 256 rows at once would take 156 MB.
    private const int MaxLogitsFloats = 8 << 20;
    private readonly ModelConfig _config;
    private readonly Weights _weights;
    private readonly DecoderLayer[] _layers; // those before FirstLayer are null
    private readonly LayerWork _work;
    private readonly Scratch _scratch;
    private readonly UndoLog _undo;
    private readonly Rope _rope;
    private readonly HiddenRows _hiddenRows;

    public CpuStage(Weights weights, ModelConfig config, int firstLayer, int chunkTokens, Workers workers)
    {
        (_config, _weights, FirstLayer, Workers) = (config, weights, firstLayer, workers);
        _scratch = new Scratch(config, chunkTokens, workers.Count);
        _rope = ModelRope.Of(config);
        _hiddenRows = new HiddenRows(weights.OutputNorm, config.RmsNormEpsilon);
        _work = new LayerWork(
            config, _scratch, new WindowAttention(KernelTable.Gemm, config.HeadCount, config.KvHeadCount, config.HeadDim), _rope,
            workers.Count);
        _layers = new DecoderLayer[config.LayerCount];
        for (int n = firstLayer; n < _layers.Length; n++) _layers[n] = new DecoderLayer(n, weights.Layers[n], _work);
        _undo = new UndoLog(config, weights, firstLayer, chunkTokens);
    }

    /// <summary>The first layer that is computed here.</summary>
    public int FirstLayer { get; }

    /// <summary>The thread team.</summary>
    public Workers Workers { get; }

    /// <summary>Bytes of the packed weights.</summary>
    public long WeightBytes => _weights.ResidentBytes;

    /// <summary>Bytes that passes have left allocated.</summary>
    public long ScratchBytes => _scratch.ByteLength;

    /// <summary>Whether the matrices of the layers multiply 8-bit integers; else floats.</summary>
    public bool MultipliesBytes => _weights.Layers[^1].Up.Type is not (GgmlType.F32 or GgmlType.F16 or GgmlType.BF16);

    /// <summary>Matrices that are multiplied with activations of 7 bits.</summary>
    public int SevenBitMatrices => _weights.SevenBitMatrices;

    /// <summary>For tests: called before each layer of a pass, to fail or to cancel it there.</summary>
    public Action<int>? BeforeLayer { get; set; }

    /// <summary>For tests: told of every choice of blocks.</summary>
    public RetrievalObserver? Retrieved { get => _work.Retrieve.Observer; set => _work.Retrieve.Observer = value; }

    /// <summary>For tests: [rows, E], the hidden states of the pass that runs.</summary>
    public Span<float> CurrentHidden => _scratch.Hidden.Values;

    public ReadOnlySpan<double> DecayRatesOf(int layer) => _weights.Layers[layer].Memory is { } memory ? memory.DecayRates : [];

    /// <summary>Notes what <see cref="Undo"/> will need.</summary>
    public void PrepareUndo(Pass pass) => _undo.Prepare(pass);

    /// <summary>Puts the memories of one part back to where they stood before the pass.</summary>
    public void Undo(in Pass.Part part) => _undo.PutBack(part);

    /// <summary>The embeddings of a pass become its hidden states.</summary>
    public void Embed(Pass pass)
    {
        Workers.Profile?.Enter(ProfileStage.Embedding);
        Span<float> hidden = Hidden(pass);
        for (int row = 0; row < pass.Rows; row++)
            _weights.Embedding.Read(pass.Id(row), hidden.Slice(row * _config.HiddenSize, _config.HiddenSize));
    }

    /// <summary>[rows, E]: where the stage before puts the hidden states of a pass.</summary>
    public Span<float> Hidden(Pass pass)
    {
        _scratch.Hidden.Reshape(pass.Rows, _config.HiddenSize);
        return _scratch.Hidden.Values;
    }

    /// <summary>All layers of this stage.</summary>
    public void RunLayers(Pass pass)
    {
        int half = _config.HeadDim / 2;
        foreach (ref readonly Pass.Part part in pass.Parts)
        {
            for (int i = 0, row = part.Row; i < part.Count; i++, row++)
                _rope.Angles(part.Position + i, _scratch.Cos.AsSpan(row * half, half), _scratch.Sin.AsSpan(row * half, half));
        }
        TurnToReach(pass);
        _work.Seal.Plan(pass);
        _work.Recall.Plan(pass);
        for (int n = FirstLayer; n < _layers.Length; n++)
        {
            pass.ThrowIfCancelled();
            BeforeLayer?.Invoke(n);
            _layers[n].Forward(pass, _scratch, Workers);
            FailUnlessFinite(pass, n);
        }
    }

    // The turn by which a token's query sees what lies farther away than its session's reach.
    private void TurnToReach(Pass pass)
    {
        bool any = false;
        foreach (ref readonly Pass.Part part in pass.Parts) any |= part.Session.Plan.Reach < part.Position + part.Count - 1;
        if (!any) return;
        int d = _config.HeadDim;
        _scratch.FarTurns.Reshape(pass.Rows, d);
        foreach (ref readonly Pass.Part part in pass.Parts)
        {
            long reach = part.Session.Plan.Reach;
            for (int i = 0; i < part.Count; i++)
            {
                if (part.Position + i <= reach) continue;
                Span<float> turn = _scratch.FarTurns.Row(part.Row + i);
                _rope.Turn(reach - part.Position - i, turn[..(d / 2)], turn[(d / 2)..]);
            }
        }
    }

    // One row of 3,584 floats a part, beside the 230 MB of a layer of 7B: no part of a pass that could be measured. A broken row before
    // the last is seen in a later layer, as attention carries it on. Parts are looked at one by one: a session whose memory is broken
    // leaves the others of a pass alone.
    private void FailUnlessFinite(Pass pass, int layer)
    {
        for (int i = 0; i < pass.Parts.Length; i++)
        {
            Pass.Part part = pass.Parts[i];
            if (pass.FailureOf(i) is not null || TensorPrimitives.IsFiniteAll<float>(_scratch.Hidden.Row(part.Row + part.Count - 1)))
                continue;
            pass.Fail(i, new InvalidModelException(
                $"layer {layer}: expected finite numbers behind token {part.Position + part.Count - 1}, found others, "
                    + "and the layers before it gave finite ones: "
                + "its weights are broken, or what this session holds of it; 'ahn inspect FILE --check' looks at every weight."));
        }
    }

    /// <summary>Hands over the hidden rows that a pass is asked for, behind all layers.</summary>
    public void ReadHidden(Pass pass)
    {
        if (!pass.AsksForHidden) return;
        Workers.Profile?.Enter(ProfileStage.Head);
        _hiddenRows.Hand(pass, _scratch.Hidden.Values);
    }

    /// <summary>The logits that a pass is asked for: of every row where somebody reads them, else behind the last of a part.</summary>
    public void ReadLogits(Pass pass)
    {
        Workers.Profile?.Enter(ProfileStage.Head);
        ReadLastRows(pass);
        for (int i = 0; i < pass.Parts.Length; i++)
        {
            if (pass.Parts[i].EveryRow is { } reader) ReadEveryRow(pass, i, reader);
        }
        Workers.Profile?.Enter(ProfileStage.Sampling);
    }

    public void Dispose()
    {
        Workers.Dispose();
        _weights.Dispose();
        _undo.Dispose();
    }

    private int MaxLogitRows => Math.Max(1, MaxLogitsFloats / _config.VocabularySize);

    // One product for the last rows of all parts: the head, a sixth of a small model, is read once for all texts.
    private void ReadLastRows(Pass pass)
    {
        int next = 0;
        while (true)
        {
            int first = next, rows = 0;
            for (; next < pass.Parts.Length && rows < MaxLogitRows; next++) rows += AsksForLast(pass.Parts[next]) ? 1 : 0;
            if (rows == 0) return;
            _scratch.HeadInput.Reshape(rows, _config.HiddenSize);
            for (int i = first, row = 0; i < next; i++)
            {
                if (AsksForLast(pass.Parts[i])) Norm(pass.Parts[i].Row + pass.Parts[i].Count - 1, row++);
            }
            _weights.Head.Apply(Workers, _scratch.HeadInput, _scratch.Logits);
            for (int i = first, row = 0; i < next; i++)
            {
                if (!AsksForLast(pass.Parts[i])) continue;
                ReadOnlySpan<float> logits = _scratch.Logits.Row(row++);
                if (pass.FailureOf(i) is null && !TensorPrimitives.IsFiniteAll(logits))
                {
                    pass.Fail(i, new InvalidModelException(
                        "the output head: expected finite logits, found others, and all layers gave finite numbers: "
                        + "its weights are broken; 'ahn inspect FILE --check' looks at every weight."));
                }
                logits.CopyTo(pass.Parts[i].Session.Logits.Next);
            }
        }
    }

    private static bool AsksForLast(in Pass.Part part) => part.EveryRow is null && part.WantsLogits;

    private void ReadEveryRow(Pass pass, int index, LogitsReader reader)
    {
        Pass.Part part = pass.Parts[index];
        for (int first = 0, count; first < part.Count; first += count)
        {
            count = Math.Min(MaxLogitRows, part.Count - first);
            _scratch.HeadInput.Reshape(count, _config.HiddenSize);
            for (int i = 0; i < count; i++) Norm(part.Row + first + i, i);
            _weights.Head.Apply(Workers, _scratch.HeadInput, _scratch.Logits);
            _scratch.Logits.Row(count - 1).CopyTo(part.Session.Logits.Next);
            for (int i = 0; i < count; i++)
            {
                if (!pass.TryRead(index, reader, part.FirstIndex + first + i, _scratch.Logits.Row(i))) return;
            }
        }
    }

    private void Norm(int row, int to) =>
        RmsNorm.Apply(_scratch.Hidden.Row(row), _weights.OutputNorm, _config.RmsNormEpsilon, _scratch.HeadInput.Row(to));
}
