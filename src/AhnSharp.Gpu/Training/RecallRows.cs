using ILGPU;

namespace AhnSharp.Gpu.Training;

/// <summary>What a memory is given over a text: [count] rows.</summary>
internal struct RecallRows
{
    /// <summary>k̂ [count, K·D], of unit length.</summary>
    public ArrayView<float> Keys;

    /// <summary>v [count, K·D].</summary>
    public ArrayView<float> Values;

    /// <summary>q̂ [count, H·D], scaled.</summary>
    public ArrayView<float> Queries;

    /// <summary>β or Δ [count, H].</summary>
    public ArrayView<float> Strengths;

    /// <summary>g [count, H].</summary>
    public ArrayView<float> LogDecays;

    /// <summary>o [count, H·D], what is read.</summary>
    public ArrayView<float> Read;

    /// <summary>u [count, H·D], what is written.</summary>
    public ArrayView<float> Written;

    /// <summary>M [H][stretches][D values][D keys], before each stretch of 64 tokens.</summary>
    public ArrayView<float> States;

    /// <summary>[H][D values][D keys]: where <see cref="ColumnRecurrence"/> keeps a state.</summary>
    public ArrayView<float> Current;
}
