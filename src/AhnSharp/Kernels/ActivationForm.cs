namespace AhnSharp.Kernels;

/// <summary>How a tile kernel wants its activations.</summary>
internal enum ActivationForm
{
    /// <summary>Plain f32 rows, as written.</summary>
    Rows,

    /// <summary>
    /// int8 under one f32 scale in 32 (as ggml's Q8_0), with the pair sums that take an unsigned weight's offset away, and sums
    /// in f32: Q4_0, Q5_0, Q4_1, Q5_1.
    /// </summary>
    Bytes32,

    /// <summary>The numbers of <see cref="Bytes32"/> as i16 pairs (k0, k2), (k1, k3): Q8_0 where there is no sdot.</summary>
    Words32,

    /// <summary>int8 under one f32 scale in 256 (as ggml's Q8_K), with sums of 16 and of 32: Q2_K to Q6_K.</summary>
    Bytes256,

    /// <summary>
    /// Numbers of 7 bits, −63..63, under one f32 scale in 32, as unsigned bytes 64 higher: Q8_0 with activations of 7 bits.
    /// </summary>
    Sevens32,
}
