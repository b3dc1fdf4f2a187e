using ILGPU;

namespace AhnSharp.Gpu.Training;

/// <summary>What the loss gains by each number of <see cref="RecallRows"/>; of keys and values by each query head's own.</summary>
internal struct RecallGradients
{
    /// <summary>do [count, H·D], given.</summary>
    public ArrayView<float> Read;

    /// <summary>du [count, H·D]; dv = β du.</summary>
    public ArrayView<float> Written;

    /// <summary>dM [H][stretches][D values][D keys], what tokens behind a stretch gain by the state at its end.</summary>
    public ArrayView<float> States;

    /// <summary>dq̂ [count, H·D].</summary>
    public ArrayView<float> Queries;

    /// <summary>dk̂ [count, H·D].</summary>
    public ArrayView<float> Keys;

    /// <summary>dβ or dΔ [count, H].</summary>
    public ArrayView<float> Strengths;

    /// <summary>dg [count, H].</summary>
    public ArrayView<float> LogDecays;
}
