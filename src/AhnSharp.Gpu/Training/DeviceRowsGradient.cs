using ILGPU;

namespace AhnSharp.Gpu.Training;

/// <summary>What the loss gains by each number of a layer's rows that somebody learns below; the rows are those from W + S on.</summary>
/// <param name="Queries">[count, H·D], rotated.</param>
/// <param name="Keys">[count, K·D], rotated.</param>
/// <param name="Values">[count, K·D].</param>
/// <param name="Normed">[count, E], behind the first norm.</param>
internal sealed record DeviceRowsGradient(
    ArrayView<float> Queries, ArrayView<float> Keys, ArrayView<float> Values, ArrayView<float> Normed);
