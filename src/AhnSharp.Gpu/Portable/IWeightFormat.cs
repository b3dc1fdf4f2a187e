using ILGPU;

namespace AhnSharp.Gpu.Portable;

/// <summary>A block format as kernels read it: rows of GGUF blocks in 16-bit words.</summary>
internal interface IWeightFormat
{
    /// <summary>
    /// Weights k..k+7 of the row that begins at word <paramref name="row"/>; k is a multiple of 8. Layouts: AhnSharp.Quants.
    /// </summary>
    Eight Decode(ArrayView<ushort> words, long row, int k);
}
