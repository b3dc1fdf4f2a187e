using AhnSharp.Gpu.Cuda.Kernels;
using ILGPU;

namespace AhnSharp.Gpu.Cuda;

/// <summary>Texts of which a layer attends a row each together.</summary>
/// <param name="Count">How many; 0: none.</param>
/// <param name="Rows">All of them, on the device.</param>
/// <param name="Splits">Splits that room is made for: at least as many as any of them has.</param>
/// <param name="AnyLeaves">Whether a token leaves any window.</param>
/// <param name="Gates">Floats of write gates that each of their rings keeps a token.</param>
internal readonly record struct LayerTexts(int Count, ArrayView<TextRow> Rows, int Splits, bool AnyLeaves, int Gates);
