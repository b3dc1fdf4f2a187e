using System.Diagnostics.CodeAnalysis;

namespace AhnSharp.Kernels.Tiers;

/// <summary>The few instructions that the kernels are written in: one implementation a tier, one kernel for all tiers.</summary>
/// <remarks>
/// A <typeparamref name="V"/> is one register seen as bytes; each operation says how it sees the lanes. Lane = row of a tile.
/// Weights lie as 4 consecutive k in each 32-bit lane; activations are 4 consecutive k of one token, broadcast to all lanes.
/// A kernel <c>XTile&lt;V, T&gt;</c> is specialised by the JIT for each struct <c>T</c>, so that every operation is inlined.
/// <para>
/// A <em>partial</em> is a sum of products that has not been widened yet; only the tier knows its form: 16-bit pair sums (two a 32-bit
/// lane, x86 and plain NEON; the kernel must see to it that the sum over its steps fits ±32767) or 32-bit sums (NEON with sdot).
/// </para>
/// </remarks>
internal interface ITier<V> where V : struct
{
    /// <summary>32-bit lanes of a register, a divisor of 16: a tile of 16 rows is done in 16 / Lanes parts.</summary>
    static abstract int Lanes { get; }

    /// <summary>
    /// Whether <see cref="DotS8"/> is the fast way for signed 8-bit weights; else <see cref="EvenI16"/> and <see cref="OddI16"/> are.
    /// </summary>
    static abstract bool HasDotS8 { get; }

    /// <summary>Whether there are 32 registers, room for the sums of 8 tokens; else 16.</summary>
    static abstract bool HasManyRegisters { get; }

    /// <summary>All bits 0: also the partial, the i32 and the f32 lanes that are 0.</summary>
    static abstract V Zero { get; }

    // ---- Memory. Offsets are in bytes; nothing needs alignment.

    /// <summary>One register from <paramref name="byteOffset"/> bytes behind <paramref name="start"/>.</summary>
    static abstract V Load(ref readonly byte start, nint byteOffset);

    /// <summary>Stores one register at <paramref name="byteOffset"/> bytes behind <paramref name="start"/>.</summary>
    static abstract void Store(V value, ref byte start, nint byteOffset);

    /// <summary>The 4 bytes at <paramref name="byteOffset"/> in every 32-bit lane: a k-group of one token, a f32, or an i16 pair.</summary>
    static abstract V Broadcast32(ref readonly byte start, nint byteOffset);

    /// <summary><paramref name="value"/> in every byte.</summary>
    static abstract V Splat(byte value);

    /// <summary>The 16 bytes at <paramref name="start"/> in every 128 bits: a table of <see cref="Lookup"/>.</summary>
    static abstract V LoadTable(ref readonly sbyte start);

    // ---- Bits, for unpacking 4-, 5- and 6-bit weights.

    /// <summary>Bitwise and.</summary>
    static abstract V And(V a, V b);

    /// <summary>Bitwise or.</summary>
    static abstract V Or(V a, V b);

    /// <summary>Every 16-bit lane shifted left; mask away what crosses from one byte into the next.</summary>
    static abstract V ShiftLeft16(V value, [ConstantExpected] byte bits);

    /// <summary>Every 16-bit lane shifted right, zeros coming in; mask away what crosses from one byte into the next.</summary>
    static abstract V ShiftRight16(V value, [ConstantExpected] byte bits);

    /// <summary>Every byte of <paramref name="indices"/>, 0..15, replaced by that byte of the table.</summary>
    static abstract V Lookup(V table, V indices);

    // ---- Integer products.

    /// <summary>
    /// A partial that starts at broadcast or loaded i16 pairs, e.g. (−8·Σ of k0 k1, −8·Σ of k2 k3) for the offset of Q4_0.
    /// </summary>
    static abstract V PartialFromPairs(V i16Pairs);

    /// <summary>partial + weights·x over the 4 k of each lane; weights 0..63 unsigned, x −127..127.</summary>
    static abstract V AccumulatePairs(V partial, V weights, V x);

    /// <summary>The same for 4 tokens: all multiplies first, then all adds (10 % faster than alternating them).</summary>
    static abstract void AccumulatePairs(V weights, V x0, V x1, V x2, V x3, ref V partial0, ref V partial1, ref V partial2, ref V partial3);

    /// <summary>
    /// A partial of the products of 4 unsigned and 4 signed bytes a lane, which begins a sum; unsigned 0..127, signed −128..127.
    /// </summary>
    static abstract V PairProducts(V unsigned, V signed);

    /// <summary>The sum of two partials; 16-bit ones wrap around.</summary>
    static abstract V AddPartials(V a, V b);

    /// <summary>The difference of two partials; 16-bit ones wrap around.</summary>
    static abstract V SubtractPartials(V a, V b);

    /// <summary>
    /// i32 lanes: the sum of a partial times the signed scale, which stands twice in each 32-bit lane of <paramref name="scalePairs"/>.
    /// </summary>
    static abstract V Widen(V partial, V scalePairs);

    /// <summary>i32 lanes: the sum of a partial.</summary>
    static abstract V Widen(V partial);

    /// <summary>i32 lanes a0·b0 + a1·b1 of signed 16-bit pairs.</summary>
    static abstract V MultiplyPairsI16(V a, V b);

    /// <summary>sum + w0·x0 + w1·x1 in i32 lanes, of signed 16-bit pairs, for 4 tokens: all multiplies first, then all adds.</summary>
    static abstract void AccumulatePairsI16(V weights, V x0, V x1, V x2, V x3, ref V sum0, ref V sum1, ref V sum2, ref V sum3);

    /// <summary>i32 lanes + the 4 products of signed bytes in each lane; weights −128..127, x −127..127. Exact on every tier.</summary>
    static abstract V DotS8(V sum, V weights, V x);

    /// <summary>Bytes 0 and 2 of each 32-bit lane, sign-extended to an i16 pair.</summary>
    static abstract V EvenI16(V value);

    /// <summary>Bytes 1 and 3 of each 32-bit lane, sign-extended to an i16 pair.</summary>
    static abstract V OddI16(V value);

    /// <summary>Lanes signed bytes, each standing twice in its 32-bit lane as i16.</summary>
    static abstract V LoadScalePairs(ref readonly byte start, nint byteOffset);

    /// <summary>2·Lanes unsigned bytes as i16.</summary>
    static abstract V LoadU8AsI16(ref readonly byte start, nint byteOffset);

    /// <summary>a + b in i32 lanes.</summary>
    static abstract V AddI32(V a, V b);

    // ---- Floats, f32 lanes.

    /// <summary>i32 lanes as f32, rounded to nearest.</summary>
    static abstract V ConvertI32ToF32(V value);

    /// <summary>
    /// Lanes halves as f32; subnormals and signs are right, infinities and NaN become finite (no weight or cache entry holds them).
    /// </summary>
    static abstract V LoadF16(ref readonly byte start, nint byteOffset);

    /// <summary>
    /// The same at one speed: <see cref="LoadF16"/> multiplies subnormal numbers, which x64 does 50 cycles slower. For scales of
    /// super-blocks, which often are so small.
    /// </summary>
    static abstract V LoadSmallF16(ref readonly byte start, nint byteOffset);

    /// <summary>Lanes signed bytes as f32.</summary>
    static abstract V LoadS8AsF32(ref readonly byte start, nint byteOffset);

    /// <summary>Lanes bfloat16 as f32.</summary>
    static abstract V LoadBF16(ref readonly byte start, nint byteOffset);

    /// <summary><paramref name="value"/> in every f32 lane.</summary>
    static abstract V BroadcastF32(float value);

    /// <summary>a + b in f32 lanes.</summary>
    static abstract V AddF32(V a, V b);

    /// <summary>a − b in f32 lanes.</summary>
    static abstract V SubtractF32(V a, V b);

    /// <summary>a·b in f32 lanes.</summary>
    static abstract V MultiplyF32(V a, V b);

    /// <summary>a·b + c in f32 lanes: one rounding where the tier has such an instruction, two on SSE.</summary>
    static abstract V MultiplyAddF32(V a, V b, V c);

    /// <summary>The larger of a and b in f32 lanes, numbers all.</summary>
    static abstract V MaxF32(V a, V b);

    /// <summary>The largest f32 lane, of numbers.</summary>
    static abstract float LargestF32(V value);
}
