using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Inputs of a matrix product, [rows, columns]: as floats, and as signed bytes with one scale for every 32.</summary>
internal struct Activations
{
    /// <summary>[rows, columns].</summary>
    public ArrayView<float> Values;

    /// <summary>[rows, columns/16], in the order of <see cref="GroupOrder"/>.</summary>
    public ArrayView<Word4> Quants;

    /// <summary>[rows, columns/32]: X = scale, Y = scale · sum of the 32 bytes.</summary>
    public ArrayView<Float2> Scales;
}
