namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// 32 weights as signed bytes: weight i = ScaleLow·q[i] − Minimum for i &lt; 16, ScaleHigh·q[i] − Minimum for the others.
/// </summary>
internal struct Group32
{
    public Word4 Low, High;
    public float ScaleLow, ScaleHigh, Minimum;
}

/// <summary>What a lane reads of a row at once, as it lies in memory: 32 quantized weights, or 8 floats.</summary>
internal struct StoredWeights
{
    /// <summary>Quants; High where they are 32 bytes.</summary>
    public Word4 Low, High;

    /// <summary>High bits, scales, factors, where the format has them.</summary>
    public uint Bits, MoreBits, Scales, Factors;
}

/// <summary>How a quantized format becomes signed bytes and scales. The planes are those of <see cref="PackedWeights"/>.</summary>
internal interface IQuantizedFormat
{
    /// <summary>Whether <see cref="Group32.Minimum"/> is ever other than zero.</summary>
    bool HasMinimum { get; }

    /// <summary>Whether a group is 16 bytes and a little, not 32.</summary>
    bool IsNarrow { get; }

    /// <summary>Group <paramref name="group"/> of row <paramref name="row"/>, of <paramref name="groups"/> in the row.</summary>
    StoredWeights Fetch(PackedWeights w, int row, int group, int groups);

    /// <summary>What was fetched, as signed bytes.</summary>
    Group32 Unpack(StoredWeights stored);
}

/// <summary>What the formats below share.</summary>
internal static class Nibbles
{
    public const uint Mask = 0x0F0F0F0F;

    /// <summary>Low nibbles to <see cref="Group32.Low"/>, high nibbles to <see cref="Group32.High"/>.</summary>
    public static Group32 Split(Word4 q)
    {
        var group = default(Group32);
        group.Low.X = q.X & Mask;
        group.Low.Y = q.Y & Mask;
        group.Low.Z = q.Z & Mask;
        group.Low.W = q.W & Mask;
        group.High.X = (q.X >> 4) & Mask;
        group.High.Y = (q.Y >> 4) & Mask;
        group.High.Z = (q.Z >> 4) & Mask;
        group.High.W = (q.W >> 4) & Mask;
        return group;
    }

    /// <summary>Adds bit 4 of every weight.</summary>
    public static Group32 AddFifthBit(Group32 group, uint bits)
    {
        const uint Bit = 0x10101010;
        group.Low.X |= (bits << 4) & Bit;
        group.Low.Y |= (bits << 3) & Bit;
        group.Low.Z |= (bits << 2) & Bit;
        group.Low.W |= (bits << 1) & Bit;
        group.High.X |= bits & Bit;
        group.High.Y |= (bits >> 1) & Bit;
        group.High.Z |= (bits >> 2) & Bit;
        group.High.W |= (bits >> 3) & Bit;
        return group;
    }

    /// <summary>Adds bits 4 and 5 of four words and subtracts 32: 0..63 + 96 stays below 256, so no byte carries into the next.</summary>
    public static Word4 AddTwoBits(Word4 q, uint bits)
    {
        const uint Bits = 0x30303030, Add = 0x60606060, Flip = 0x80808080;
        q.X = ((q.X | ((bits << 4) & Bits)) + Add) ^ Flip;
        q.Y = ((q.Y | ((bits << 2) & Bits)) + Add) ^ Flip;
        q.Z = ((q.Z | (bits & Bits)) + Add) ^ Flip;
        q.W = ((q.W | ((bits >> 2) & Bits)) + Add) ^ Flip;
        return q;
    }
}

/// <summary>Q8_0.</summary>
internal struct FormatQ8_0 : IQuantizedFormat
{
    public readonly bool HasMinimum => false;

    public readonly bool IsNarrow => false;

    public readonly StoredWeights Fetch(PackedWeights w, int row, int group, int groups)
    {
        long first = (long)row * groups * 2 + GroupOrder.First(group);
        var stored = default(StoredWeights);
        stored.Low = Ptx.LoadBeside(ref w.Quants[first]);
        stored.High = Ptx.LoadBeside(ref w.Quants[first + GroupOrder.Stride(group, groups)]);
        stored.Scales = w.Scales[(long)row * groups + group];
        return stored;
    }

    public readonly Group32 Unpack(StoredWeights stored)
    {
        var result = default(Group32);
        result.Low = stored.Low;
        result.High = stored.High;
        result.ScaleLow = Ptx.LowHalf(stored.Scales);
        result.ScaleHigh = result.ScaleLow;
        return result;
    }
}

/// <summary>Q4_0: weight = scale · (q − 8).</summary>
internal struct FormatQ4_0 : IQuantizedFormat
{
    public readonly bool HasMinimum => true;

    public readonly bool IsNarrow => true;

    public readonly StoredWeights Fetch(PackedWeights w, int row, int group, int groups)
    {
        long index = (long)row * groups + group;
        var stored = default(StoredWeights);
        stored.Low = Ptx.LoadBeside(ref w.Quants[index]);
        stored.Scales = w.Scales[index];
        return stored;
    }

    public readonly Group32 Unpack(StoredWeights stored)
    {
        Group32 result = Nibbles.Split(stored.Low);
        result.ScaleLow = Ptx.LowHalf(stored.Scales);
        result.ScaleHigh = result.ScaleLow;
        result.Minimum = 8 * result.ScaleLow;
        return result;
    }
}

/// <summary>Q5_0: weight = scale · (q − 16).</summary>
internal struct FormatQ5_0 : IQuantizedFormat
{
    public readonly bool HasMinimum => true;

    public readonly bool IsNarrow => true;

    public readonly StoredWeights Fetch(PackedWeights w, int row, int group, int groups)
    {
        StoredWeights stored = default(FormatQ4_0).Fetch(w, row, group, groups);
        stored.Bits = w.HighBits[(long)row * groups + group];
        return stored;
    }

    public readonly Group32 Unpack(StoredWeights stored)
    {
        Group32 result = Nibbles.AddFifthBit(Nibbles.Split(stored.Low), stored.Bits);
        result.ScaleLow = Ptx.LowHalf(stored.Scales);
        result.ScaleHigh = result.ScaleLow;
        result.Minimum = 16 * result.ScaleLow;
        return result;
    }
}

/// <summary>Q4_K: weight = factor·scale·q − minFactor·min.</summary>
internal struct FormatQ4K : IQuantizedFormat
{
    public readonly bool HasMinimum => true;

    public readonly bool IsNarrow => true;

    public readonly StoredWeights Fetch(PackedWeights w, int row, int group, int groups)
    {
        StoredWeights stored = default(FormatQ4_0).Fetch(w, row, group, groups);
        stored.Factors = w.SuperScales[((long)row * groups + group) >> 3];
        return stored;
    }

    public readonly Group32 Unpack(StoredWeights stored)
    {
        Group32 result = Nibbles.Split(stored.Low);
        int scales = (int)stored.Scales;
        result.ScaleLow = Ptx.LowHalf(stored.Factors) * (scales & 0xFF);
        result.ScaleHigh = result.ScaleLow;
        result.Minimum = Ptx.HighHalf(stored.Factors) * (scales >> 8);
        return result;
    }
}

/// <summary>Q5_K: as Q4_K with a fifth bit.</summary>
internal struct FormatQ5K : IQuantizedFormat
{
    public readonly bool HasMinimum => true;

    public readonly bool IsNarrow => true;

    public readonly StoredWeights Fetch(PackedWeights w, int row, int group, int groups)
    {
        StoredWeights stored = default(FormatQ4K).Fetch(w, row, group, groups);
        stored.Bits = w.HighBits[(long)row * groups + group];
        return stored;
    }

    public readonly Group32 Unpack(StoredWeights stored) => Nibbles.AddFifthBit(default(FormatQ4K).Unpack(stored), stored.Bits);
}

/// <summary>Q6_K: weight = factor·scale·(q − 32), a scale for every 16 weights.</summary>
internal struct FormatQ6K : IQuantizedFormat
{
    public readonly bool HasMinimum => false;

    public readonly bool IsNarrow => true;

    public readonly StoredWeights Fetch(PackedWeights w, int row, int group, int groups)
    {
        StoredWeights stored = default(FormatQ4K).Fetch(w, row, group, groups);
        Word2 bits = w.HighBits.Cast<Word2>()[(long)row * groups + group];
        stored.Bits = bits.X;
        stored.MoreBits = bits.Y;
        return stored;
    }

    public readonly Group32 Unpack(StoredWeights stored)
    {
        Group32 result = Nibbles.Split(stored.Low);
        result.Low = Nibbles.AddTwoBits(result.Low, stored.Bits);
        result.High = Nibbles.AddTwoBits(result.High, stored.MoreBits);
        float factor = Ptx.LowHalf(stored.Factors);
        int scales = (int)stored.Scales;
        // ILGPU reads a signed byte that came from an unsigned word as unsigned; shifts leave no doubt.
        result.ScaleLow = factor * ((scales << 24) >> 24);
        result.ScaleHigh = factor * ((scales << 16) >> 24);
        return result;
    }
}
