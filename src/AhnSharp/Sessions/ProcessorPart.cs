using AhnSharp.Kernels;

namespace AhnSharp.Sessions;

/// <summary>What the processor does of a model: everything, or the layers that a device has no room for.</summary>
/// <param name="Workers">The thread team.</param>
/// <param name="ComputesAll">Whether no device takes part.</param>
/// <param name="MultipliesBytes">Whether the matrices of the layers multiply 8-bit integers; else floats.</param>
/// <param name="SevenBitMatrices">Matrices that are multiplied with activations of 7 bits: those of Q8_0 where
/// <see cref="ModelOptions.Activations"/> asks for it.</param>
internal sealed record ProcessorPart(Workers Workers, bool ComputesAll, bool MultipliesBytes, int SevenBitMatrices);
