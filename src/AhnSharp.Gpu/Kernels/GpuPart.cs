using ILGPU;

namespace AhnSharp.Gpu.Kernels;

/// <summary>Consecutive tokens of one text in a pass, and one layer's memories of it.</summary>
/// <param name="Row">First row of the pass's activations.</param>
/// <param name="Count">Rows, at least 1.</param>
/// <param name="Position">Position of the first row's token.</param>
/// <param name="Evicted">The last so many rows each push a token out of the window, into the compressed memory: the row at
/// position t the token at t − W.</param>
/// <param name="Ring">The layer's exact memory; has slots for all positions of the part.</param>
/// <param name="State">The layer's compressed memory, [H][D keys][D values] f32 row-major, zero at the start;
/// empty where it has none.</param>
internal readonly record struct GpuPart(int Row, int Count, int Position, int Evicted, GpuRing Ring, ArrayView<float> State);
