namespace AhnSharp.Evaluation;

/// <summary>One (layer, key/value head) of a calibration.</summary>
/// <param name="Layer">Its layer.</param>
/// <param name="KvHead">Its key/value head.</param>
/// <param name="Attention">
/// The share of its attention that the blocks of a fact got while its digits were written, mean over digits and query heads.
/// </param>
public readonly record struct RankedHead(int Layer, int KvHead, double Attention);
