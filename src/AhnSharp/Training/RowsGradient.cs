namespace AhnSharp.Training;

/// <summary>What the loss gains by each number of a layer's rows that somebody learns below; the rows are those from W + S on.</summary>
/// <param name="Queries">[count, H·D], rotated.</param>
/// <param name="Keys">[count, K·D], rotated.</param>
/// <param name="Values">[count, K·D].</param>
/// <param name="Normed">[count, E], behind the first norm.</param>
internal sealed record RowsGradient(float[] Queries, float[] Keys, float[] Values, float[] Normed);
