namespace AhnSharp.Kernels;

/// <summary>The activations of T neighbouring tokens (4, or 1 at the end of a batch) as a tile kernel reads them.</summary>
/// <remarks>
/// Everything of a packed form is a 32-bit word a token, the T tokens side by side: [k-group or block][T].
/// <code>
/// form      Values                                  Scales            Offsets                         Sums
/// Bytes32   [columns/4][T] 4 × i8                   f32 [columns/32]  [columns/32][T] −8·(s01, s23)   [columns/32][T] f32 scale·Σ 32
/// Words32   [columns/4][2][T] i16 (k0,k2), (k1,k3)  f32 [columns/32]  -                               -
/// Sevens32  [columns/4][T] 4 × u8                   f32 [columns/32]  -                               -
/// Bytes256  [columns/4][T] 4 × i8                   f32 [columns/256] [columns/16][T] −32·(s01, s23)  [columns/64][T] Σ 32 even, Σ 32 odd
/// </code>
/// Scales are [block][T] too. s01 sums the first two, s23 the last two numbers of each k-group of the block, as the i16 halves of a
/// <see cref="Tiers.ITier{V}"/> partial do; −8·Σ and −16·Σ (shift it left by 1) of 32, and −32·Σ of 16, all fit 16 bits.
/// </remarks>
internal ref struct ActivationBlock
{
    /// <summary>What the bytes of form Sevens32 are higher than the numbers they stand for.</summary>
    public const byte SevensOffset = 64;

    /// <summary>First word of the values.</summary>
    public ref readonly byte Values;

    /// <summary>First scale.</summary>
    public ref readonly float Scales;

    /// <summary>First i16 pair that a partial starts from.</summary>
    public ref readonly byte Offsets;

    /// <summary>First sum (f32) or i16 pair of sums of 32.</summary>
    public ref readonly byte Sums;
}
