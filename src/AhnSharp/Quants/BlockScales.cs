namespace AhnSharp.Quants;

/// <summary>Where the halves stand that every weight of a block is a whole multiple of, and how large weights become by them.</summary>
/// <param name="ScaleAt">Byte offset of D.</param>
/// <param name="MinAt">Byte offset of the minimum, or of its scale; −1: there is none.</param>
/// <param name="MinPerScale">The minimum for a D of 1 that makes the mean of random blocks 0.</param>
/// <param name="RandomSize">The root mean square of the weights of random blocks then, over all bit patterns.</param>
/// <param name="LargestCode">What either half is multiplied with at most.</param>
internal readonly record struct BlockScales(int ScaleAt, int MinAt, float MinPerScale, float RandomSize, int LargestCode);
