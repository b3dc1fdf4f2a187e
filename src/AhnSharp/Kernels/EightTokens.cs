using System.Runtime.CompilerServices;

namespace AhnSharp.Kernels;

/// <summary>Two neighbouring blocks of 4 tokens from some column on, which walk over the tokens of a batch.</summary>
internal ref struct EightTokens
{
    /// <summary>Tokens 0 to 3.</summary>
    public ActivationBlock First;

    /// <summary>Tokens 4 to 7.</summary>
    public ActivationBlock Second;

    private readonly nint _valueBytes; // of 4 tokens
    private readonly nint _scales;
    private readonly nint _offsetBytes;
    private readonly nint _sumBytes;

    /// <summary>The first 8 tokens of a batch.</summary>
    /// <param name="x">The block of its first 4.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="groupBytes">Bytes of a k-group of a token: 4, or 8 where the form is Words32.</param>
    /// <param name="scaleLength">Columns under one scale.</param>
    /// <param name="offsetsPerScale">Offsets under one scale.</param>
    /// <param name="sumsPerScale">Sums, or pairs of them, under one scale.</param>
    /// <param name="block">Scales to pass over: where to begin.</param>
    public EightTokens(
        scoped in ActivationBlock x, int columns, int groupBytes, int scaleLength, int offsetsPerScale, int sumsPerScale, int block)
    {
        int blocks = columns / scaleLength;
        _valueBytes = (nint)columns * groupBytes;
        _scales = 4 * blocks;
        _offsetBytes = _scales * offsetsPerScale * sizeof(int);
        _sumBytes = _scales * sumsPerScale * sizeof(int);
        nint scale = 4 * block;
        First.Values = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Values), scale * (scaleLength / 4) * groupBytes);
        First.Scales = ref Unsafe.Add(ref Unsafe.AsRef(in x.Scales), scale);
        First.Offsets = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Offsets), scale * offsetsPerScale * sizeof(int));
        First.Sums = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in x.Sums), scale * sumsPerScale * sizeof(int));
        Second = First;
        Move(ref Second, 1);
    }

    /// <summary>Goes on to the next 8 tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance()
    {
        Move(ref First, 2);
        Move(ref Second, 2);
    }

    // A form's fields lie [token block][column][4 tokens]; absent ones are moved too, and never read.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Move(ref ActivationBlock block, nint count)
    {
        block.Values = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in block.Values), count * _valueBytes);
        block.Scales = ref Unsafe.Add(ref Unsafe.AsRef(in block.Scales), count * _scales);
        block.Offsets = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in block.Offsets), count * _offsetBytes);
        block.Sums = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in block.Sums), count * _sumBytes);
    }
}
