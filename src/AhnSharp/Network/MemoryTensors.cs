using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Network;

/// <summary>The tensors of one layer's memory; null: this kind has none. H query heads, E hidden, D head dimension.</summary>
internal sealed class MemoryTensors
{
    /// <summary>How the name of a projection P ends.</summary>
    public const string OutName = "ahn_out.weight";

    public MemoryTensors(ModelConfig c, MemoryRule rule, int layer)
    {
        long e = c.HiddenSize, h = c.HeadCount, d = c.HeadDim;
        string blk = NetworkTensors.LayerPrefix(layer), fn = $"model.layers.{layer}.ahn.fn.";

        Beta = new(blk + "ahn_beta.weight", fn + rule.CheckpointBeta + ".weight", [h, e]);
        Alpha = rule.HasAlpha ? new(blk + "ahn_alpha.weight", fn + "a_proj.weight", [h, e]) : null;
        ALog = rule.Decays ? new(blk + "ahn_a_log", fn + "A_log", [h]) : null;
        TensorChange change = rule.AddsProjectionBias ? TensorChange.AddProjectionBias : TensorChange.None;
        DtBias = rule.Decays ? new(blk + "ahn_dt.bias", fn + "dt_bias", [h], change) : null;
        CheckpointOnly = rule.AddsProjectionBias ? new("", fn + rule.CheckpointBeta + ".bias", [h])
            : rule.UnusedInCheckpoint is { } unused ? new("", fn + unused, [h]) : null;
        Gate = new(blk + "ahn_gate.weight", fn + "g_proj.weight", [h, e]);
        GateBias = rule.HasGateBias ? new(blk + "ahn_gate.bias", fn + "g_proj.bias", [h]) : null;
        Norm = new(blk + "ahn_norm.weight", fn + rule.CheckpointNorm + ".weight", [rule.NormsAllHeads ? h * d : d]);
        Out = new(blk + OutName, fn + "o_proj.weight", [h, d, d], TensorChange.TransposeHeads);
    }

    public TensorSpec Beta { get; }
    public TensorSpec? Alpha { get; }
    public TensorSpec? ALog { get; }
    public TensorSpec? DtBias { get; }

    /// <summary>A parameter without a place in a file: never used, or added to another.</summary>
    public TensorSpec? CheckpointOnly { get; }
    public TensorSpec Gate { get; }
    public TensorSpec? GateBias { get; }
    public TensorSpec Norm { get; }
    public TensorSpec Out { get; }

    /// <summary>Those that are there, in the order of a file.</summary>
    public IEnumerable<TensorSpec> All =>
        new[] { Beta, Alpha, ALog, DtBias, CheckpointOnly, Gate, GateBias, Norm, Out }.OfType<TensorSpec>();
}
