using AhnSharp.Gpu.Portable;
using ILGPU;

namespace AhnSharp.Gpu.Training;

/// <summary>One layer of the frozen base on a device: matrices as the file has them, vectors as floats; an empty vector is none.</summary>
internal sealed record DeviceLayer
{
    /// <summary>W_q, W_k, W_v, W_o, W_gate, W_up, W_down: see <see cref="DeviceBase"/> for their places.</summary>
    public required PortableMatrix[] Matrices { get; init; }

    public required ArrayView<float> AttentionNorm { get; init; } // [E]
    public required ArrayView<float> FfnNorm { get; init; } // [E]
    public ArrayView<float> QueryBias { get; init; } // [H·D]
    public ArrayView<float> KeyBias { get; init; } // [K·D]
    public ArrayView<float> ValueBias { get; init; } // [K·D]
    public ArrayView<float> QueryNorm { get; init; } // [D]
    public ArrayView<float> KeyNorm { get; init; } // [D]
}
